-- The state of every grain: one row each, keyed by what names a grain, with an optimistic version.
--
-- Both engines write through grain_state_write. The cluster's storage provider reads the text of its statements from
-- OrleansQuery and calls them with its own parameter names; the embedded engine calls the same function directly. The
-- provider's hash parameters are ignored: the key is the service, the state name and the whole grain key. A grain key of
-- this house carries a prefix (acct/..., inv/...), so the provider always passes it whole as @GrainIdExtensionString.

CREATE TABLE grain_state (
    service_id  text        NOT NULL,
    state_name  text        NOT NULL,
    grain_key   text        NOT NULL,
    version     integer     NOT NULL CHECK (version > 0),
    payload     bytea       NOT NULL,
    modified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, state_name, grain_key)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

COMMENT ON COLUMN grain_state.payload IS 'UTF-8 JSON, the envelope; of no length: the state was cleared';

-- Writes a row if the stored version is the expected one (null: there must be no row) and returns the new version; null
-- says that somebody else was first and nothing was written. Of two first writes at once the key lets exactly one in.
CREATE FUNCTION grain_state_write(
    a_service text, a_state_name text, a_grain_key text, a_expected integer, a_payload bytea)
RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
    written integer;
BEGIN
    IF a_expected IS NULL THEN
        INSERT INTO grain_state (service_id, state_name, grain_key, version, payload)
        VALUES (a_service, a_state_name, a_grain_key, 1, a_payload)
        ON CONFLICT DO NOTHING
        RETURNING version INTO written;
    ELSE
        UPDATE grain_state
        SET version = version + 1, payload = a_payload, modified_at = now()
        WHERE service_id = a_service AND state_name = a_state_name AND grain_key = a_grain_key
          AND version = a_expected
        RETURNING version INTO written;
    END IF;
    RETURN written;
END
$$;

CREATE TABLE OrleansQuery (
    QueryKey  text PRIMARY KEY,
    QueryText text NOT NULL
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', $$
SELECT nullif(payload, '') AS PayloadBinary, version AS Version
FROM grain_state
WHERE service_id = @ServiceId AND state_name = @GrainTypeString AND grain_key = @GrainIdExtensionString
$$),
('WriteToStorageKey', $$
SELECT grain_state_write(@ServiceId, @GrainTypeString, @GrainIdExtensionString, @GrainStateVersion, @PayloadBinary)
    AS NewGrainStateVersion
$$),
('ClearStorageKey', $$
SELECT grain_state_write(@ServiceId, @GrainTypeString, @GrainIdExtensionString, @GrainStateVersion, ''::bytea)
    AS NewGrainStateVersion
$$);
