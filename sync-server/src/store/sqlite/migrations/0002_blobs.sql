-- Files that go with rows. They belong to the row's scope and lie in it once, whatever number of its rows names them.

CREATE TABLE blob (
    scope TEXT NOT NULL,
    hash BLOB NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (scope, hash)
) STRICT;

-- `at` is where the part begins, so that a later version may cut parts of another size.
CREATE TABLE blob_part (
    scope TEXT NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (scope, hash, at)
) STRICT;

-- Which rows keep which blob; a blob goes with the last of them.
CREATE TABLE blob_use (
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (scope, kind, id, hash)
) STRICT;
CREATE INDEX blob_use_hash ON blob_use (scope, hash);
