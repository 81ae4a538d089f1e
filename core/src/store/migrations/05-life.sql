-- How the columns of a kind's rows were last drawn out of their bodies. Where a newer app draws otherwise and has not
-- come to the end, `toward` says how, and `after` the last row that is done. A kind that is not here: as in 0.1.0.
CREATE TABLE drawn (
  kind TEXT NOT NULL PRIMARY KEY,
  drawing INTEGER NOT NULL,
  toward INTEGER NOT NULL,
  after INTEGER NOT NULL
) STRICT;

-- The newest app that has tried to read the row.
ALTER TABLE unread ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
