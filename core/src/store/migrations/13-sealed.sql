-- Sealed feedback. A row keeps its letters as they came; what this device can open of them stands beside it, so that lists,
-- search and the reader need no key.
ALTER TABLE thread ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feedback_case ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;

-- X25519: opens what is sealed to this device. Made when it is first needed.
ALTER TABLE device ADD COLUMN seal_secret BLOB;

-- A letter of a shown row, opened, or why not.
CREATE TABLE letter (
  -- Named, because the full text refers to it.
  key INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  message TEXT NOT NULL,
  topic TEXT,
  words TEXT,
  -- As JSON: the files that it names, and who wrote it.
  files TEXT,
  writer TEXT,
  -- Why it cannot be read here.
  why TEXT,
  UNIQUE (scope, kind, id, message)
) STRICT;

-- The files of letters that were opened, by their ciphertexts' hashes.
CREATE TABLE sealed_file (
  letter INTEGER NOT NULL,
  scope TEXT NOT NULL,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size INTEGER NOT NULL,
  -- As JSON, with its key.
  file TEXT NOT NULL,
  UNIQUE (letter, hash)
) STRICT;
CREATE INDEX sealed_file_by_hash ON sealed_file (scope, hash);

-- Topics and words of letters that were opened, folded beforehand. They are searched on this device and nowhere else.
CREATE VIRTUAL TABLE search_letter USING fts5 (topic, words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');

CREATE TRIGGER letter_went AFTER DELETE ON letter BEGIN
  DELETE FROM sealed_file WHERE letter = old.key;
  DELETE FROM search_letter WHERE rowid = old.key;
END;

-- Sealed rows that came or changed, or of which the keys to judge them by changed. A row that changes once more gets another
-- key here: what was found of its older state is dropped.
CREATE TABLE to_open (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  scope TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  UNIQUE (scope, kind, id)
) STRICT;

CREATE TRIGGER thread_to_open AFTER INSERT ON thread WHEN new.sealed = 1 BEGIN
  DELETE FROM to_open WHERE scope = new.scope AND kind = 'thread' AND id = new.id;
  INSERT INTO to_open (scope, kind, id) VALUES (new.scope, 'thread', new.id);
END;
CREATE TRIGGER thread_to_open_again AFTER UPDATE OF body ON thread WHEN new.sealed = 1 AND old.body <> new.body BEGIN
  DELETE FROM to_open WHERE scope = new.scope AND kind = 'thread' AND id = new.id;
  INSERT INTO to_open (scope, kind, id) VALUES (new.scope, 'thread', new.id);
END;
CREATE TRIGGER thread_not_to_open AFTER DELETE ON thread WHEN old.sealed = 1 BEGIN
  DELETE FROM to_open WHERE scope = old.scope AND kind = 'thread' AND id = old.id;
  DELETE FROM letter WHERE scope = old.scope AND kind = 'thread' AND id = old.id;
END;
CREATE TRIGGER case_to_open AFTER INSERT ON feedback_case WHEN new.sealed = 1 BEGIN
  DELETE FROM to_open WHERE scope = new.scope AND kind = 'case' AND id = new.id;
  INSERT INTO to_open (scope, kind, id) VALUES (new.scope, 'case', new.id);
END;
CREATE TRIGGER case_to_open_again AFTER UPDATE OF body ON feedback_case WHEN new.sealed = 1 AND old.body <> new.body BEGIN
  DELETE FROM to_open WHERE scope = new.scope AND kind = 'case' AND id = new.id;
  INSERT INTO to_open (scope, kind, id) VALUES (new.scope, 'case', new.id);
END;
CREATE TRIGGER case_not_to_open AFTER DELETE ON feedback_case WHEN old.sealed = 1 BEGIN
  DELETE FROM to_open WHERE scope = old.scope AND kind = 'case' AND id = old.id;
  DELETE FROM letter WHERE scope = old.scope AND kind = 'case' AND id = old.id;
END;

-- Wraps that this device has given: once each, whatever became of them.
CREATE TABLE given_wrap (
  message TEXT NOT NULL,
  device TEXT NOT NULL,
  PRIMARY KEY (message, device)
) STRICT, WITHOUT ROWID;
