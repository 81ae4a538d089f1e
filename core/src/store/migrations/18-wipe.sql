-- Whose order to forget all this phone obeys, and what it was told by others.

-- The organisations above its person, as JSON: kept when the phone is taken off and follows them no longer.
ALTER TABLE trust ADD COLUMN above TEXT NOT NULL DEFAULT '[]';
-- When an order was last heard that is not to be obeyed, and why, as JSON.
ALTER TABLE trust ADD COLUMN refused_wipe TEXT;
