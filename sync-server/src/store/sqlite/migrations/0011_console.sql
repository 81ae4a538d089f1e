-- What signing in to the console leaves for a while: requests, links of the operator's, sessions. `key` is an id, or the hash of
-- a secret; whoever has the file cannot come in by it.
CREATE TABLE console (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;
CREATE INDEX console_until ON console (until);
