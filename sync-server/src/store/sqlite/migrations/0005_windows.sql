-- A desk and a cell have a window. What leaves it lies in the archive: a row is in the log or here, never in both.

-- When a row that leaves with time happened (NULL: it stays), drawn out of its body; and the row that it belongs to,
-- with which it leaves. See store/drawn.rs, which says the same for what is written from now on.
ALTER TABLE entry ADD COLUMN happened INTEGER;
ALTER TABLE entry ADD COLUMN belongs_to TEXT;

UPDATE entry SET happened = at
WHERE kind = 'case' AND scope >= 'desk:' AND scope < 'desk;' AND body IS NOT NULL
  AND json_extract(CAST(body AS TEXT), '$.state') = 'answered';
UPDATE entry SET happened = max(at, coalesce(json_extract(CAST(body AS TEXT), '$.starts_at'), 0))
WHERE body IS NOT NULL AND ((kind = 'meeting_report' AND scope >= 'desk:' AND scope < 'desk;')
  OR (kind = 'meeting' AND scope >= 'cell:' AND scope < 'cell;'));
UPDATE entry SET belongs_to = json_extract(CAST(body AS TEXT), '$.meeting')
WHERE body IS NOT NULL AND ((kind = 'attendance' AND scope >= 'cell:' AND scope < 'cell;')
  OR (kind = 'opening' AND scope >= 'desk:' AND scope < 'desk;'));
UPDATE entry SET belongs_to = json_extract(CAST(body AS TEXT), '$.marks[0].meeting')
WHERE body IS NOT NULL AND kind = 'attendance_note' AND scope >= 'desk:' AND scope < 'desk;';

CREATE INDEX entry_window ON entry (scope, happened) WHERE happened IS NOT NULL;
CREATE INDEX entry_belongs ON entry (scope, belongs_to) WHERE belongs_to IS NOT NULL;

-- The old tombstones of one scope, without a look at its rows.
CREATE INDEX entry_buried ON entry (scope, at) WHERE body IS NULL;

CREATE TABLE archive (
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    -- When it happened, or the row that it belongs to did.
    happened INTEGER NOT NULL,
    belongs_to TEXT,
    version INTEGER NOT NULL,
    author TEXT NOT NULL,
    made BLOB,
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (scope, kind, id)
) STRICT;
CREATE INDEX archive_time ON archive (scope, kind, happened, id);
CREATE INDEX archive_belongs ON archive (scope, belongs_to) WHERE belongs_to IS NOT NULL;
