-- Files on their way up. They belong to the device that sends them and to no scope yet: no other device can meet them.

-- `id` is this try's own, so that one that was dropped and begun again is not taken for it. `have` is counted in the
-- transaction that keeps the part; `verified` says that the whole was looked at and is what `hash` says.
CREATE TABLE upload (
    device TEXT NOT NULL,
    hash BLOB NOT NULL,
    id TEXT NOT NULL,
    size INTEGER NOT NULL,
    have INTEGER NOT NULL,
    verified INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (device, hash)
) STRICT;
CREATE INDEX upload_at ON upload (at, device);

-- Cut like the parts of a blob, which they become.
CREATE TABLE upload_part (
    device TEXT NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (device, hash, at)
) STRICT;

-- Held commands of the device, and the files that each names: an upload goes with the last of them.
CREATE TABLE upload_wait (
    device TEXT NOT NULL,
    hash BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (device, hash, number)
) STRICT;
CREATE INDEX upload_wait_number ON upload_wait (device, number);
