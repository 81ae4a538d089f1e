-- Who used which right on what: ids only, each line bound to the one before by its hash.
CREATE TABLE audit (
    organisation TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    deed TEXT NOT NULL,
    rows TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (organisation, number)
) STRICT;
