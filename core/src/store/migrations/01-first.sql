-- The phone's store. Synced rows stand in one table per kind: what is shown, that is the server's row with
-- the pending commands folded over it. Each such table begins with the same columns (see table.rs).

CREATE TABLE device (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  url TEXT NOT NULL,
  server TEXT NOT NULL,
  device TEXT NOT NULL,
  member TEXT NOT NULL,
  member_name TEXT NOT NULL,
  key_seed BLOB NOT NULL,
  -- A new key that is on its way to the server, after this store was found to be a copy.
  fork_seed BLOB,
  -- Of the last exchange that was begun.
  count INTEGER NOT NULL DEFAULT 0,
  next_number INTEGER NOT NULL DEFAULT 1,
  epoch INTEGER NOT NULL DEFAULT 0,
  -- Commands in the next exchange at most; and the one that went alone and got no outcome.
  batch INTEGER NOT NULL DEFAULT 500,
  suspect INTEGER,
  min_app INTEGER NOT NULL DEFAULT 0,
  last_sync INTEGER,
  token TEXT,
  token_until INTEGER
) STRICT;

-- Scopes followed and how far they were taken in.
CREATE TABLE scope (
  scope TEXT NOT NULL PRIMARY KEY,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 1,
  -- It is being read in from its beginning, and its end was not heard yet.
  resetting INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What the person did, in the order in which they did it. Kept as signed.
CREATE TABLE command (
  entry INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  row_kind TEXT NOT NULL,
  row_id TEXT NOT NULL,
  needs TEXT NOT NULL DEFAULT '[]',
  text TEXT NOT NULL,
  signature BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  -- waiting, sent, held, applied, refused, conflicted, parked, retaken, settled
  state TEXT NOT NULL DEFAULT 'waiting',
  failures INTEGER NOT NULL DEFAULT 0,
  -- The outcome as the server said it.
  outcome TEXT,
  effect_epoch INTEGER,
  effect_seq INTEGER,
  -- Still laid over the server's row.
  folded INTEGER NOT NULL DEFAULT 1,
  settled_at INTEGER,
  UNIQUE (device, number)
) STRICT;
CREATE INDEX command_by_row ON command (scope, row_kind, row_id) WHERE folded = 1;
CREATE INDEX command_by_state ON command (state, entry);

-- The server's own row, set aside while pending commands are folded over it; without a body where the
-- server has no such row.
CREATE TABLE base (
  scope TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  version INTEGER NOT NULL,
  author TEXT NOT NULL,
  body TEXT,
  UNIQUE (scope, kind, id)
) STRICT;

-- What this version of the app cannot read, newest only.
CREATE TABLE unread (
  scope TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  version INTEGER NOT NULL,
  author TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (scope, kind, id)
) STRICT;

CREATE TABLE organisation (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  name TEXT NOT NULL, level TEXT NOT NULL, parent TEXT,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE profile (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE role (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  organisation TEXT NOT NULL, organisation_name TEXT NOT NULL, office TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE membership (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  cell TEXT NOT NULL, cell_name TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE roster_entry (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  name TEXT NOT NULL, office TEXT, state TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE directive (
  -- Named, because the full text refers to it.
  key INTEGER PRIMARY KEY,
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  type TEXT NOT NULL, number TEXT NOT NULL, issuer TEXT NOT NULL, issuer_name TEXT NOT NULL,
  date TEXT NOT NULL, abstract TEXT NOT NULL, urgency TEXT NOT NULL, standing TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;
CREATE INDEX directive_by_date ON directive (date DESC, number);

-- Directives that this person has opened, on this phone; never sent.
CREATE TABLE opened (id TEXT NOT NULL PRIMARY KEY) STRICT;

CREATE TABLE meeting (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  title TEXT NOT NULL, form TEXT NOT NULL, starts_at INTEGER NOT NULL, place TEXT NOT NULL, state TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;
CREATE INDEX meeting_by_time ON meeting (starts_at);

CREATE TABLE attendance (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  meeting TEXT NOT NULL, member TEXT NOT NULL, state TEXT NOT NULL, mode TEXT, late INTEGER NOT NULL,
  UNIQUE (scope, id)
) STRICT;
CREATE INDEX attendance_by_meeting ON attendance (meeting, member);

CREATE TABLE attendance_note (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE opening (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  meeting TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE claim (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  meeting TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE thread (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  desk TEXT NOT NULL, topic TEXT NOT NULL, state TEXT NOT NULL, last_at INTEGER NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE feedback_case (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  member TEXT NOT NULL, member_name TEXT NOT NULL, cell_name TEXT NOT NULL, topic TEXT NOT NULL, state TEXT NOT NULL,
  last_at INTEGER NOT NULL,
  UNIQUE (scope, id)
) STRICT;

CREATE TABLE meeting_report (
  scope TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, generation INTEGER NOT NULL,
  version INTEGER NOT NULL, author TEXT NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL,
  cell_name TEXT NOT NULL, starts_at INTEGER NOT NULL, state TEXT NOT NULL,
  UNIQUE (scope, id)
) STRICT;

-- Full text of directives, folded beforehand (search/fold.rs), built in bulk: `to_index` says what is missing.
CREATE VIRTUAL TABLE search USING fts5 (head, words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE to_index (directive INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER directive_came AFTER INSERT ON directive BEGIN
  INSERT OR IGNORE INTO to_index (directive) VALUES (new.key);
END;
CREATE TRIGGER directive_changed AFTER UPDATE OF body ON directive WHEN old.body <> new.body BEGIN
  DELETE FROM search WHERE rowid = old.key;
  INSERT OR IGNORE INTO to_index (directive) VALUES (new.key);
END;
CREATE TRIGGER directive_went AFTER DELETE ON directive BEGIN
  DELETE FROM search WHERE rowid = old.key;
  DELETE FROM to_index WHERE directive = old.key;
END;
