-- An enrolment that was begun. Its key is kept before it is sent: the code binds to that key, so an answer
-- lost on a bad network is asked for again with the same one.
CREATE TABLE enrolling (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  url TEXT NOT NULL,
  code TEXT NOT NULL,
  birth TEXT NOT NULL,
  device_name TEXT NOT NULL,
  key_seed BLOB NOT NULL
) STRICT;
