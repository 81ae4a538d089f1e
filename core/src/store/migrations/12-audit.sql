-- Heads of the audit chains of the organisations below, as they were told: what a server says later must lead to them.
CREATE TABLE audit_head (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  number INTEGER NOT NULL,
  UNIQUE (scope, id)
) STRICT;
