-- What a screen reads is found without going through what it does not show. A row is looked up by its id in the scopes
-- that are followed, for which the tables' own keys serve: an index by id alone would be written in no order, and cost a
-- first sync a page for nearly every row.

-- The list's whole order, or SQLite may sort everything for the first screen; and which rows a list narrowed by type or
-- issuer shows, so that no directive's page is unpacked to see that it is not among them.
DROP INDEX directive_by_date;
CREATE INDEX directive_by_date ON directive (date DESC, number, id, type, issuer);

-- Directives in force or replaced that nobody has opened on this phone. They are counted on the first screen.
CREATE TABLE unopened (directive INTEGER PRIMARY KEY) STRICT;
INSERT INTO unopened (directive)
  SELECT key FROM directive WHERE standing <> 'withdrawn' AND id NOT IN (SELECT id FROM opened);
CREATE TRIGGER directive_came_unopened AFTER INSERT ON directive
  WHEN new.standing <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM opened WHERE id = new.id) BEGIN
  INSERT INTO unopened (directive) VALUES (new.key);
END;
CREATE TRIGGER directive_was_ruled AFTER UPDATE OF standing ON directive WHEN old.standing <> new.standing BEGIN
  DELETE FROM unopened WHERE directive = new.key;
  INSERT INTO unopened (directive)
    SELECT new.key WHERE new.standing <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM opened WHERE id = new.id);
END;
CREATE TRIGGER directive_went_unopened AFTER DELETE ON directive BEGIN
  DELETE FROM unopened WHERE directive = old.key;
END;
CREATE TRIGGER directive_was_opened AFTER INSERT ON opened BEGIN
  DELETE FROM unopened WHERE directive IN
    (SELECT key FROM directive WHERE scope IN (SELECT scope FROM scope) AND id = new.id);
END;

-- What was applied or dealt with stays for 30 days: neither a row's screen nor the end of an exchange goes through it.
CREATE INDEX command_of_row ON command (row_id);
CREATE INDEX command_kept ON command (kept_until) WHERE state IN ('applied', 'settled');

CREATE INDEX claim_by_meeting ON claim (meeting, at);
CREATE INDEX opening_by_meeting ON opening (meeting);

-- An older app may have as much that it cannot read as what it can.
CREATE INDEX unread_by_kind ON unread (kind);
CREATE INDEX unread_by_try ON unread (tried);
