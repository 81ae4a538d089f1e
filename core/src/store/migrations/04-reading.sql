-- Of a scope that is being read in from its beginning: where its log stood when that began.
ALTER TABLE scope ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
