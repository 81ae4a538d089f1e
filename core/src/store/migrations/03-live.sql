-- When a command last went up: with its state, what is known of a try that brought no answer.
ALTER TABLE command ADD COLUMN tried_at INTEGER;
-- The server's clock less this one, in milliseconds, as the last exchange found it.
ALTER TABLE device ADD COLUMN clock_off INTEGER;
