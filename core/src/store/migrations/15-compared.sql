-- A device of the member that the person has compared is to read what is sealed, also what came before it.
CREATE TRIGGER compared_to_open AFTER INSERT ON compared_device BEGIN
  INSERT INTO to_open (scope, kind, id) SELECT scope, 'thread', id FROM thread
    WHERE sealed = 1 AND NOT EXISTS
      (SELECT 1 FROM to_open AS o WHERE o.scope = thread.scope AND o.kind = 'thread' AND o.id = thread.id);
END;
CREATE TRIGGER compared_to_open_again AFTER UPDATE OF keys ON compared_device WHEN old.keys <> new.keys BEGIN
  INSERT INTO to_open (scope, kind, id) SELECT scope, 'thread', id FROM thread
    WHERE sealed = 1 AND NOT EXISTS
      (SELECT 1 FROM to_open AS o WHERE o.scope = thread.scope AND o.kind = 'thread' AND o.id = thread.id);
END;
