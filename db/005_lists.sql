-- What lists and reports read: views over the summaries in the index, and an index for each way the API filters.
--
-- A summary's fields are text but for the tags; money and instants in it are for showing, not for counting.

CREATE VIEW accounts AS
SELECT service_id, key, version, due, pending_since, created_seq, clock, summary ->> 'id' AS id, summary ->> 'name' AS name,
       summary ->> 'standing' AS standing, summary ->> 'policy' AS policy, summary -> 'tags' AS tags
FROM grain_index WHERE kind = 'account';

CREATE VIEW invoices AS
SELECT service_id, key, version, due, pending_since, created_seq, clock, summary ->> 'id' AS id, summary ->> 'account' AS account,
       summary ->> 'number' AS number, summary ->> 'status' AS status, summary ->> 'due_at' AS due_at,
       summary ->> 'total' AS total, summary ->> 'amount_due' AS amount_due
FROM grain_index WHERE kind = 'invoice';

CREATE VIEW payments AS
SELECT service_id, key, version, due, pending_since, created_seq, clock, summary ->> 'id' AS id, summary ->> 'account' AS account,
       summary ->> 'status' AS status, summary ->> 'gateway_reference' AS gateway_reference
FROM grain_index WHERE kind = 'payment';

CREATE INDEX accounts_by_standing ON grain_index (service_id, (summary ->> 'standing'), created_seq) WHERE kind = 'account';
CREATE INDEX accounts_by_policy ON grain_index (service_id, (summary ->> 'policy'), created_seq) WHERE kind = 'account';
CREATE INDEX accounts_by_tag ON grain_index USING gin ((summary -> 'tags') jsonb_path_ops)
    WHERE kind = 'account' AND summary -> 'tags' <> '[]';
CREATE INDEX invoices_by_account ON grain_index (service_id, (summary ->> 'account'), created_seq) WHERE kind = 'invoice';
CREATE INDEX invoices_by_number ON grain_index (service_id, (summary ->> 'account'), (summary ->> 'number')) WHERE kind = 'invoice';
CREATE INDEX payments_by_account ON grain_index (service_id, (summary ->> 'account'), created_seq) WHERE kind = 'payment';
