-- Who holds an office in an organisation: asked for each line of a list of offices, and by its export.
CREATE INDEX role_organisation ON role (organisation, member);
