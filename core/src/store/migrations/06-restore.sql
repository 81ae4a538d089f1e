-- The server was restored and lacks every number from here on; what is no longer kept is skipped.
ALTER TABLE device ADD COLUMN want_from INTEGER;
-- Where the server may poke this device while it holds no connection, as JSON.
ALTER TABLE device ADD COLUMN push TEXT;
-- Until when what was applied or dealt with is kept, by the server's clock.
ALTER TABLE command ADD COLUMN kept_until INTEGER;
-- Was applied once, and is sent again to a server that was restored.
ALTER TABLE command ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
