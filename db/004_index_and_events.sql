-- The index of grains and the event log, kept by one trigger in the transaction that writes a grain.
--
-- A payload is an envelope: kind, due, pending_since, clock, summary, events and at are for this trigger; state is the
-- grain's own and is never looked into. A crash leaves either the old state or the new one with its index entry and its
-- events. The trigger knows the envelope and no rule of the house.

CREATE TABLE grain_index (
    service_id    text    NOT NULL,
    kind          text    NOT NULL,
    key           text    NOT NULL,
    version       integer NOT NULL,
    due           timestamptz,
    pending_since timestamptz,
    clock         text,
    summary       jsonb,
    created_seq   bigint  NOT NULL GENERATED ALWAYS AS IDENTITY, -- "newest first" of every list
    PRIMARY KEY (service_id, kind, key)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

COMMENT ON COLUMN grain_index.due IS 'the earliest deadline, on the grain''s own clock';
COMMENT ON COLUMN grain_index.pending_since IS 'real time: since when a message or a gateway call is open';
COMMENT ON COLUMN grain_index.clock IS 'the test clock that the grain lives on; null: real time';

CREATE INDEX grain_index_overdue ON grain_index (service_id, due) WHERE clock IS NULL AND due IS NOT NULL;
CREATE INDEX grain_index_pending ON grain_index (service_id, pending_since) WHERE pending_since IS NOT NULL;
CREATE INDEX grain_index_clock_due ON grain_index (service_id, clock, due) WHERE clock IS NOT NULL AND due IS NOT NULL;
CREATE INDEX grain_index_clock_pending ON grain_index (service_id, clock) WHERE clock IS NOT NULL AND pending_since IS NOT NULL;
CREATE INDEX grain_index_newest ON grain_index (service_id, kind, created_seq);

-- One row an account: the last number given to an event of it. Its lock is what makes the numbers free of gaps.
CREATE TABLE event_counters (
    service_id text   NOT NULL,
    account    text   NOT NULL,
    last       bigint NOT NULL,
    PRIMARY KEY (service_id, account)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE events (
    seq          bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME events_seq),
    service_id   text        NOT NULL,
    account      text,
    account_seq  bigint,
    type         text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    data         jsonb       NOT NULL,
    UNIQUE (service_id, account, account_seq),
    CHECK ((account IS NULL) = (account_seq IS NULL))
);

-- Where the feed of events is complete. A transaction takes its numbers when it writes and shows them when it commits,
-- so a row may become visible after one with a higher number, and a reader that has passed it would never see it.
-- (Transaction ids do not help: of two transactions the one with the higher id may have taken the lower number.) So a
-- writer first marks, with a shared advisory lock that falls at its end, the last number given before its own. Every
-- number up to the last given, and not above a mark that still stands, is visible or will never be.
-- The mark is the number's low 31 bits, under a class of ours: 1161967222.
CREATE FUNCTION events_complete_to() RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    given bigint;
    marked bigint;
BEGIN
    -- In this order: the numbers, the marks; the rows are read after both, by the caller's next statement.
    SELECT last_value INTO given FROM events_seq;
    SELECT min(given - behind) INTO marked
    FROM (
        SELECT (given - objid::bigint) & 2147483647 AS behind
        FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 1161967222 AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS marks
    WHERE behind < 1073741824; -- else it was set after the numbers were read, and all its own are higher
    RETURN least(given, marked);
END
$$;

-- The feed: oldest first, after a number, of one account or of all, of some types or of all.
CREATE FUNCTION events_read(a_service text, a_after bigint, a_account text, a_types text[], a_limit integer)
RETURNS SETOF events
LANGUAGE plpgsql
AS $$
DECLARE
    complete_to bigint := events_complete_to();
BEGIN
    IF a_account IS NULL THEN
        RETURN QUERY
        SELECT * FROM events e
        WHERE e.service_id = a_service AND e.seq > a_after AND e.seq <= complete_to
          AND (a_types IS NULL OR e.type = ANY (a_types))
        ORDER BY e.seq
        LIMIT a_limit;
    ELSE
        -- Within an account the two orders are one, because its counter is taken before the number.
        RETURN QUERY
        SELECT * FROM events e
        WHERE e.service_id = a_service AND e.account = a_account AND e.seq > a_after AND e.seq <= complete_to
          AND (a_types IS NULL OR e.type = ANY (a_types))
        ORDER BY e.account_seq
        LIMIT a_limit;
    END IF;
END
$$;

CREATE FUNCTION events_append(a_service text, a_recorded_at timestamptz, a_events jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    given bigint;
BEGIN
    -- A sequence never used shows its first number as its last.
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO given FROM events_seq;
    PERFORM pg_advisory_xact_lock_shared(1161967222, (given & 2147483647)::integer);

    WITH appended AS MATERIALIZED (
        SELECT n, value ->> 'account' AS account, value
        FROM jsonb_array_elements(a_events) WITH ORDINALITY AS e (value, n)
    ), counted AS (
        INSERT INTO event_counters AS c (service_id, account, last)
        SELECT a_service, account, count(*) FROM appended WHERE account IS NOT NULL GROUP BY account ORDER BY account
        ON CONFLICT (service_id, account) DO UPDATE SET last = c.last + excluded.last
        RETURNING c.account, c.last
    )
    INSERT INTO events (service_id, account, account_seq, type, occurred_at, effective_at, recorded_at, data)
    SELECT a_service, a.account,
           c.last - (count(*) OVER (PARTITION BY a.account)) + row_number() OVER (PARTITION BY a.account ORDER BY a.n),
           a.value ->> 'type', (a.value ->> 'occurred_at')::timestamptz, (a.value ->> 'effective_at')::timestamptz,
           a_recorded_at, coalesce(a.value -> 'data', '{}')
    FROM appended a LEFT JOIN counted c ON c.account = a.account
    ORDER BY a.n;
END
$$;

CREATE FUNCTION grain_state_index() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    envelope record;
BEGIN
    IF octet_length(NEW.payload) = 0 THEN
        DELETE FROM grain_index WHERE service_id = NEW.service_id AND key = NEW.grain_key
          AND kind = CASE WHEN octet_length(OLD.payload) > 0 THEN convert_from(OLD.payload, 'UTF8')::json ->> 'kind' END;
        RETURN NULL;
    ELSIF get_byte(NEW.payload, 0) <> 123 THEN -- no JSON object
        RETURN NULL;
    END IF;

    SELECT * INTO envelope
    FROM json_to_record(convert_from(NEW.payload, 'UTF8')::json) AS e (
        kind text, at timestamptz, due timestamptz, pending_since timestamptz, clock text, summary jsonb, events jsonb);
    IF envelope.kind IS NULL THEN
        RETURN NULL;
    END IF;

    -- An insert that may update, even for a row that is surely there: it goes by the key, whatever a plan made when the
    -- table was empty thought of the other indexes.
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

CREATE TRIGGER grain_state_index AFTER INSERT OR UPDATE ON grain_state
FOR EACH ROW EXECUTE FUNCTION grain_state_index();
