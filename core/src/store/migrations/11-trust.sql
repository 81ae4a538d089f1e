-- Who can be believed about what. Rows as the server sent them; what is kept of them is beside, and what they say of each
-- directive is worked out after it has landed.

CREATE TABLE certificate (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE revocations (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE root (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE draft (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  state TEXT NOT NULL, at INTEGER NOT NULL,
  UNIQUE (scope, id)
) STRICT;
CREATE INDEX draft_by_state ON draft (state, at);
CREATE TRIGGER draft_names_no_more AFTER DELETE ON draft BEGIN
  DELETE FROM named WHERE scope = old.scope AND kind = 'draft' AND id = old.id;
END;

-- The root that this phone was told of at enrolment; `compared` where a fingerprint came by another way than the root.
CREATE TABLE pinned_root (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  text TEXT NOT NULL,
  signature BLOB NOT NULL,
  compared INTEGER NOT NULL
) STRICT;
-- The fingerprint on the invitation, until the answer has come.
ALTER TABLE enrolling ADD COLUMN root TEXT;

-- What this phone has believed and goes on believing, whatever the server sends later: of each issuer the list of
-- revocations with the highest number, roots that a root named, certificates of organisations.
CREATE TABLE taken_in (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE trust (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  -- Goes up whenever a certificate, a list or a root comes, changes or goes; `taken` is as far as that was looked at.
  keys INTEGER NOT NULL DEFAULT 0,
  taken INTEGER NOT NULL DEFAULT 0,
  -- When the oldest of the lists in force was made; how many lists the server has with a lower number than was seen.
  lists_at INTEGER,
  set_back INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO trust (one) VALUES (1);

CREATE TRIGGER certificate_came AFTER INSERT ON certificate BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER certificate_changed AFTER UPDATE OF body ON certificate WHEN old.body <> new.body BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER certificate_went AFTER DELETE ON certificate BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER revocations_came AFTER INSERT ON revocations BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER revocations_changed AFTER UPDATE OF body ON revocations WHEN old.body <> new.body BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER revocations_went AFTER DELETE ON revocations BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER root_came AFTER INSERT ON root BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER root_changed AFTER UPDATE OF body ON root WHEN old.body <> new.body BEGIN
  UPDATE trust SET keys = keys + 1;
END;
CREATE TRIGGER root_went AFTER DELETE ON root BEGIN
  UPDATE trust SET keys = keys + 1;
END;

-- Whether a directive bears a signature at all; drawn out of its body.
ALTER TABLE directive ADD COLUMN signed INTEGER NOT NULL DEFAULT 0;

-- What this phone found of a directive's statement, and of the last ruling on it, as JSON. One of which nothing stands here
-- and that does not wait to be judged came before there was any root: it is as `signed` says.
CREATE TABLE verdict (
  directive INTEGER PRIMARY KEY,
  statement TEXT NOT NULL,
  ruling TEXT
) STRICT;
-- Those that are kept apart: in no list, no search, no count.
CREATE TABLE quarantine (directive INTEGER PRIMARY KEY) STRICT;
CREATE TABLE to_judge (directive INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER directive_to_judge AFTER INSERT ON directive WHEN EXISTS (SELECT 1 FROM pinned_root) BEGIN
  INSERT INTO to_judge (directive) SELECT new.key WHERE NOT EXISTS (SELECT 1 FROM to_judge WHERE directive = new.key);
END;
CREATE TRIGGER directive_to_judge_again AFTER UPDATE OF body ON directive
  WHEN old.body <> new.body AND EXISTS (SELECT 1 FROM pinned_root) BEGIN
  DELETE FROM verdict WHERE directive = new.key;
  DELETE FROM quarantine WHERE directive = new.key;
  INSERT INTO to_judge (directive) SELECT new.key WHERE NOT EXISTS (SELECT 1 FROM to_judge WHERE directive = new.key);
END;
CREATE TRIGGER directive_not_to_judge AFTER DELETE ON directive BEGIN
  DELETE FROM verdict WHERE directive = old.key;
  DELETE FROM quarantine WHERE directive = old.key;
  DELETE FROM to_judge WHERE directive = old.key;
END;

CREATE TRIGGER quarantine_began AFTER INSERT ON quarantine BEGIN
  DELETE FROM unopened WHERE directive = new.directive;
  DELETE FROM search WHERE rowid = new.directive;
END;
CREATE TRIGGER quarantine_ended AFTER DELETE ON quarantine BEGIN
  INSERT INTO unopened (directive)
    SELECT key FROM directive WHERE key = old.directive AND standing <> 'withdrawn'
      AND NOT EXISTS (SELECT 1 FROM opened WHERE opened.id = directive.id)
      AND NOT EXISTS (SELECT 1 FROM unopened WHERE unopened.directive = directive.key);
  INSERT INTO to_index (directive)
    SELECT key FROM directive WHERE key = old.directive
      AND NOT EXISTS (SELECT 1 FROM to_index WHERE to_index.directive = directive.key);
END;
