-- In a copy that nobody has taken over yet: when it was made. A server that finds it begins a new epoch.
CREATE TABLE backup (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    made_at INTEGER NOT NULL
) STRICT;

-- Which codes a device used: asked when it is revoked.
CREATE INDEX activation_device ON activation (device) WHERE device IS NOT NULL;

-- Where a device wants to be poked while it holds no connection.
CREATE TABLE push (
    device TEXT NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    token TEXT NOT NULL
) STRICT;
CREATE INDEX push_token ON push (provider, token);
