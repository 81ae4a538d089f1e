-- The keys of the cell's devices, on the phones of who leads it: what a member's pass is verified with.
CREATE TABLE pass_key (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;
