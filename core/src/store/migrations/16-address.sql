-- Where the server says that it is to be found: rows as they came. What this phone makes of them stands with the device.
CREATE TABLE address (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

-- With which the server signs what it says of itself, as first heard from it; of no weight where it is certified.
ALTER TABLE device ADD COLUMN server_key BLOB;
-- Where the server will be, by its own words; the old address stays until it has answered there.
ALTER TABLE device ADD COLUMN next_url TEXT;
-- Of the last words that were followed.
ALTER TABLE device ADD COLUMN url_at INTEGER;
