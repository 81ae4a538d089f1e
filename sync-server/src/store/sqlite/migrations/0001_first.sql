-- The server's first schema. Ids and scopes are text as they travel, times are milliseconds since 1970.
-- Every table that grows begins its key with a scope, cell, member or device, so that it can be spread by it.

CREATE TABLE server (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    key BLOB NOT NULL
) STRICT;

CREATE TABLE scope (
    scope TEXT NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    head INTEGER NOT NULL,
    floor INTEGER NOT NULL DEFAULT 0,
    purges INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One entry per row; without a body it is a tombstone.
CREATE TABLE entry (
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    version INTEGER NOT NULL,
    author TEXT NOT NULL,
    made BLOB,
    at INTEGER NOT NULL,
    body BLOB,
    PRIMARY KEY (scope, kind, id),
    UNIQUE (scope, seq)
) STRICT;
CREATE INDEX entry_tombstone ON entry (at, scope) WHERE body IS NULL;

CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY,
    member TEXT NOT NULL,
    key BLOB NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    forked_from TEXT,
    made_at INTEGER NOT NULL,
    last_exchange_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX device_member ON device (member);
CREATE UNIQUE INDEX device_key ON device (key);

-- Kept as long as the device exists: a command sent again is answered from here.
CREATE TABLE outcome (
    device TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB,
    signature BLOB,
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL,
    text BLOB,
    PRIMARY KEY (device, number)
) STRICT;

CREATE TABLE heard (
    device TEXT NOT NULL,
    highest INTEGER NOT NULL,
    not_heard_at INTEGER,
    heard_at INTEGER NOT NULL,
    PRIMARY KEY (device, highest)
) STRICT;

CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY,
    parent TEXT,
    name TEXT NOT NULL,
    level TEXT NOT NULL
) STRICT;

CREATE TABLE member (
    id TEXT NOT NULL PRIMARY KEY,
    birth TEXT NOT NULL,
    card TEXT,
    profile TEXT NOT NULL
) STRICT;
CREATE INDEX member_card ON member (card) WHERE card IS NOT NULL;
CREATE INDEX member_birth ON member (birth);

CREATE TABLE membership (
    member TEXT NOT NULL,
    cell TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER,
    PRIMARY KEY (member, cell, from_at)
) STRICT;
CREATE INDEX membership_cell ON membership (cell, member);

CREATE TABLE role (
    member TEXT NOT NULL,
    organisation TEXT NOT NULL,
    office TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER,
    PRIMARY KEY (member, organisation, office, from_at)
) STRICT;

CREATE TABLE activation (
    hash BLOB NOT NULL PRIMARY KEY,
    member TEXT NOT NULL,
    until INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    key BLOB,
    device TEXT
) STRICT;

CREATE TABLE outbox (
    scope TEXT NOT NULL,
    id TEXT NOT NULL,
    errand TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (scope, id)
) STRICT;
CREATE INDEX outbox_age ON outbox (at, id);

-- Claims lie in their members' scopes; this finds them from the meeting.
CREATE TABLE claim (
    cell TEXT NOT NULL,
    meeting TEXT NOT NULL,
    member TEXT NOT NULL,
    position INTEGER NOT NULL,
    claim TEXT NOT NULL,
    PRIMARY KEY (cell, meeting, member, position)
) STRICT;
