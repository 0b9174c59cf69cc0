-- Webhooks out: what was tried with each subscriber. And the list of what needs a human is of every kind of grain.

-- One row an attempt. It is for people to look at: what is delivered and what is not stands in the endpoint's own state, so
-- a row that is lost loses nothing. Only the newest of an endpoint are kept.
CREATE TABLE webhook_deliveries (
    id         bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    service_id text        NOT NULL,
    endpoint   text        NOT NULL,
    seq        bigint      NOT NULL, -- of the event; no foreign key, since an event may be archived before its attempts
    account    text,
    type       text        NOT NULL,
    attempt    integer     NOT NULL, -- from 1
    at         timestamptz NOT NULL,
    took_ms    integer     NOT NULL,
    status     integer,              -- of the answer; null where there was none
    error      text                  -- why there was none
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (service_id, endpoint, id);
CREATE INDEX webhook_deliveries_oldest ON webhook_deliveries (service_id, at);

-- Of any kind: an endpoint that was disabled needs a human as much as an account.
DROP INDEX attention;
CREATE INDEX attention ON grain_index (service_id, created_seq) WHERE summary -> 'attention' <> '[]';
