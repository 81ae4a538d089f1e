-- People turn the archive by the day of the meeting, whenever its report came. `dated` is that day, drawn out of the body
-- like `happened`, by which a row leaves: see store/drawn.rs.
ALTER TABLE entry ADD COLUMN dated INTEGER;

UPDATE entry SET dated = json_extract(CAST(body AS TEXT), '$.starts_at')
WHERE happened IS NOT NULL AND kind IN ('meeting', 'meeting_report');

-- In the archive the order is all that `happened` is for.
UPDATE archive SET happened = coalesce(json_extract(CAST(body AS TEXT), '$.starts_at'), happened)
WHERE kind IN ('meeting', 'meeting_report');
