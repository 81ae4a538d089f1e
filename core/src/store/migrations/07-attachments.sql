-- Files that go with rows. Their bytes stand in this store too, in parts: its pages are encrypted and authenticated, and
-- a row and its files come and go in one transaction.

-- The files that shown rows name, drawn out of a row's body when it is put; they go with the row. The newest has the
-- highest key.
CREATE TABLE named (
  key INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size INTEGER NOT NULL,
  UNIQUE (scope, kind, id, hash)
) STRICT;
CREATE INDEX named_by_hash ON named (scope, hash);

-- A file of a scope, as far as its bytes are here.
CREATE TABLE blob (
  key INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL,
  -- Bytes from the beginning without a gap.
  have INTEGER NOT NULL DEFAULT 0,
  -- All of them, and they are what the hash says.
  whole INTEGER NOT NULL DEFAULT 0,
  -- The person opened it and waits for it; marked it to have it.
  opened_at INTEGER,
  wanted_at INTEGER,
  -- When it was last looked at, or came.
  used_at INTEGER NOT NULL DEFAULT 0,
  -- How often it came and was not what the hash says.
  tries INTEGER NOT NULL DEFAULT 0,
  -- Why it does not come by itself: gone, damaged, no_room, dropped
  problem TEXT,
  UNIQUE (scope, hash)
) STRICT;
CREATE INDEX blob_unfinished ON blob (opened_at, wanted_at) WHERE whole = 0;

CREATE TABLE blob_part (
  blob INTEGER NOT NULL,
  at INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (blob, at)
) STRICT, WITHOUT ROWID;

-- The files that a command brings. Their bytes stay as long as the command may have to be sent, or sent again.
CREATE TABLE brought (
  entry INTEGER NOT NULL,
  scope TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL,
  UNIQUE (entry, hash)
) STRICT;
CREATE INDEX brought_by_hash ON brought (scope, hash);

-- How far a file has come up, by the server's own word to this device.
CREATE TABLE upload (
  hash TEXT NOT NULL PRIMARY KEY,
  device TEXT NOT NULL,
  have INTEGER NOT NULL,
  -- Nothing since the answer says otherwise.
  sure INTEGER NOT NULL
) STRICT;

CREATE TABLE file_setting (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  -- In bytes.
  quota INTEGER NOT NULL DEFAULT 200000000,
  -- What nobody asked for comes over an unmetered network alone.
  unmetered_only INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO file_setting (one) VALUES (1);

CREATE TRIGGER directive_names_no_more AFTER DELETE ON directive BEGIN
  DELETE FROM named WHERE scope = old.scope AND kind = 'directive' AND id = old.id;
END;
CREATE TRIGGER thread_names_no_more AFTER DELETE ON thread BEGIN
  DELETE FROM named WHERE scope = old.scope AND kind = 'thread' AND id = old.id;
END;
CREATE TRIGGER case_names_no_more AFTER DELETE ON feedback_case BEGIN
  DELETE FROM named WHERE scope = old.scope AND kind = 'case' AND id = old.id;
END;
CREATE TRIGGER named_went AFTER DELETE ON named BEGIN
  DELETE FROM blob WHERE scope = old.scope AND hash = old.hash
    AND NOT EXISTS (SELECT 1 FROM named WHERE scope = old.scope AND hash = old.hash)
    AND NOT EXISTS (SELECT 1 FROM brought WHERE scope = old.scope AND hash = old.hash);
END;
CREATE TRIGGER brought_went AFTER DELETE ON brought BEGIN
  DELETE FROM blob WHERE scope = old.scope AND hash = old.hash
    AND NOT EXISTS (SELECT 1 FROM named WHERE scope = old.scope AND hash = old.hash)
    AND NOT EXISTS (SELECT 1 FROM brought WHERE scope = old.scope AND hash = old.hash);
  DELETE FROM upload WHERE hash = old.hash AND NOT EXISTS (SELECT 1 FROM brought WHERE hash = old.hash);
END;
CREATE TRIGGER blob_went AFTER DELETE ON blob BEGIN
  DELETE FROM blob_part WHERE blob = old.key;
END;
-- What the person let go, or mended, brings nothing any more.
CREATE TRIGGER command_brings_no_more AFTER UPDATE OF state ON command
  WHEN new.state IN ('settled', 'retaken') BEGIN
  DELETE FROM brought WHERE entry = old.entry;
END;
CREATE TRIGGER command_went AFTER DELETE ON command BEGIN
  DELETE FROM brought WHERE entry = old.entry;
END;

-- A directive may change before its words were indexed. OR IGNORE does not help inside a trigger: the statement that
-- fires it has a conflict clause of its own, and that one counts.
DROP TRIGGER directive_came;
CREATE TRIGGER directive_came AFTER INSERT ON directive BEGIN
  INSERT INTO to_index (directive) SELECT new.key WHERE NOT EXISTS (SELECT 1 FROM to_index WHERE directive = new.key);
END;
DROP TRIGGER directive_changed;
CREATE TRIGGER directive_changed AFTER UPDATE OF body ON directive WHEN old.body <> new.body BEGIN
  DELETE FROM search WHERE rowid = old.key;
  INSERT INTO to_index (directive) SELECT new.key WHERE NOT EXISTS (SELECT 1 FROM to_index WHERE directive = new.key);
END;
