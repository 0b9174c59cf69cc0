-- A large row is packed: what this trigger reads stands before a byte 0 as plain JSON, the grain's own state behind it. The rest
-- of the trigger is that of 004.

CREATE FUNCTION grain_state_head(a_payload bytea) RETURNS json
LANGUAGE sql IMMUTABLE STRICT
RETURN convert_from(
    CASE WHEN substring(a_payload FROM 1 FOR 10) = '{"packed":'::bytea
         THEN substring(a_payload FROM 1 FOR position('\x00'::bytea IN a_payload) - 1)
         ELSE a_payload END,
    'UTF8')::json;

COMMENT ON COLUMN grain_state.payload IS 'UTF-8 JSON, the envelope, and of a packed one a byte 0 and the rest as Brotli; of no length: the state was cleared';
COMMENT ON FUNCTION grain_state_head(bytea) IS 'What is plain of a payload: the envelope, and the state of one that is not packed';

CREATE OR REPLACE FUNCTION grain_state_index() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    envelope record;
BEGIN
    IF octet_length(NEW.payload) = 0 THEN
        DELETE FROM grain_index WHERE service_id = NEW.service_id AND key = NEW.grain_key
          AND kind = CASE WHEN octet_length(OLD.payload) > 0 THEN grain_state_head(OLD.payload) ->> 'kind' END;
        RETURN NULL;
    ELSIF get_byte(NEW.payload, 0) <> 123 THEN -- no JSON object
        RETURN NULL;
    END IF;

    SELECT * INTO envelope
    FROM json_to_record(grain_state_head(NEW.payload)) AS e (
        kind text, at timestamptz, due timestamptz, pending_since timestamptz, clock text, summary jsonb, events jsonb);
    IF envelope.kind IS NULL THEN
        RETURN NULL;
    END IF;

    -- An insert that may update, even for a row that is surely there: see 004.
    INSERT INTO grain_index AS i (service_id, kind, key, version, due, pending_since, clock, summary)
    VALUES (NEW.service_id, envelope.kind, NEW.grain_key, NEW.version, envelope.due, envelope.pending_since,
            envelope.clock, envelope.summary)
    ON CONFLICT (service_id, kind, key) DO UPDATE
    SET version = excluded.version, due = excluded.due, pending_since = excluded.pending_since, clock = excluded.clock,
        summary = excluded.summary;

    IF envelope.events <> '[]' THEN
        PERFORM events_append(NEW.service_id, coalesce(envelope.at, date_trunc('milliseconds', now())), envelope.events);
    END IF;
    RETURN NULL;
END
$$;
