-- The server said of its own clock that it had been set back: nothing can be said of this phone's by it.
ALTER TABLE device ADD COLUMN clock_unsure INTEGER NOT NULL DEFAULT 0;
