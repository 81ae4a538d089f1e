-- The member's devices, as the server lists them; the table `device` says who this one is.
CREATE TABLE own_device (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  enrolled_at INTEGER NOT NULL,
  UNIQUE (scope, id)
) STRICT;

-- What this device says of its own keys, in the words of the signing key that it has; another key says it anew.
CREATE TABLE told_keys (
  device TEXT NOT NULL,
  signing BLOB NOT NULL,
  text TEXT NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (device, signing)
) STRICT, WITHOUT ROWID;

-- Other devices of the member whose digits the person compared with those on that very device. The server alone says which
-- devices there are; this is what it cannot say.
CREATE TABLE compared_device (
  id TEXT PRIMARY KEY,
  keys TEXT NOT NULL
) STRICT;
