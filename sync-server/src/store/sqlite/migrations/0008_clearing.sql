-- Rows leave this scope in many transactions without a tombstone: its floor rises when the last of them has left.
ALTER TABLE scope ADD COLUMN clearing INTEGER NOT NULL DEFAULT 0;
