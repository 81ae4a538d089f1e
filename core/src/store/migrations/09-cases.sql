-- A desk of a province has tens of thousands of cases within its year: the first screenful is found without going through
-- the others. Those that wait stand by age, the answered ones the other way round.
CREATE INDEX case_waiting ON feedback_case (last_at, id) WHERE state <> 'answered';
CREATE INDEX case_answered ON feedback_case (last_at, id) WHERE state = 'answered';
