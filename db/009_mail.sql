-- The mail store: each notice's mail, rendered once and sent with that text however often it is tried. With the accounts'
-- profiles it is the one place that holds personal data, so it is kept for a time and no longer (Billing:Mail:KeepFor).

CREATE TABLE mail (
    service_id text NOT NULL,
    id text NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    account text NOT NULL,
    notice text NOT NULL,
    message_id text NOT NULL,
    language text NOT NULL,
    recipients text[] NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text,
    -- On the account's own clock, as the mail says it.
    written_at timestamptz NOT NULL,
    -- Real time from here on.
    created_at timestamptz NOT NULL,
    -- Of the last sending that was answered for good: how often the notice had been sent before, and what came of it.
    sending integer,
    accepted_at timestamptz,
    captured boolean NOT NULL DEFAULT false,
    code text,
    PRIMARY KEY (service_id, id)
);

CREATE UNIQUE INDEX mail_newest ON mail (service_id, seq);
CREATE INDEX mail_of_account ON mail (service_id, account, seq);
CREATE INDEX mail_oldest ON mail (service_id, created_at);
