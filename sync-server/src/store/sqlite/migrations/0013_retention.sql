-- How long each kind of thing stays; the newest that has begun holds. One that has been set is never changed, so that it can be
-- seen by what rule something went.
CREATE TABLE retention (
    kind TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    -- NULL: for good.
    days INTEGER,
    basis TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (kind, from_at, set_at)
) STRICT;

-- The row that a kept command was on, drawn out of its text: with the row its commands' words go.
ALTER TABLE outcome ADD COLUMN row TEXT;
UPDATE outcome SET row = CASE WHEN json_valid(CAST(text AS TEXT)) THEN json_extract(CAST(text AS TEXT), '$.row.id') END
WHERE text IS NOT NULL;
CREATE INDEX outcome_row ON outcome (row) WHERE row IS NOT NULL;
CREATE INDEX outcome_words ON outcome (at) WHERE text IS NOT NULL;

-- Something was purged, and its bytes may still lie in pages that nothing names.
CREATE TABLE scrub (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    since INTEGER NOT NULL
) STRICT;
