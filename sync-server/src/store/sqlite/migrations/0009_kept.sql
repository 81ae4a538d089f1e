-- A file that comes up becomes a blob where it lies: the blob names who keeps its bytes, and none of them is written again
-- while others wait for the one writer. Under `kept_by` and `hash` they stand once, for the upload and for each scope whose
-- rows took them over; they go with the last of these.
ALTER TABLE blob ADD COLUMN kept_by TEXT NOT NULL DEFAULT '';
UPDATE blob SET kept_by = scope;
CREATE INDEX blob_kept ON blob (kept_by, hash);

-- Bytes of this very try.
ALTER TABLE upload ADD COLUMN kept_by TEXT NOT NULL DEFAULT '';
UPDATE upload SET kept_by = device || '/' || id;
CREATE INDEX upload_kept ON upload (kept_by, hash);

ALTER TABLE blob_part RENAME COLUMN scope TO kept_by;
INSERT INTO blob_part (kept_by, hash, at, bytes)
  SELECT upload.kept_by, hash, upload_part.at, bytes FROM upload_part JOIN upload USING (device, hash);
DROP TABLE upload_part;

-- Bytes that perhaps nobody names any more: looked at once a day. Where a scope had the file already, to delete them at
-- once would tell so by the time it takes.
CREATE TABLE unused (
    kept_by TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (kept_by, hash)
) STRICT;
