-- When a pause of the whole installation ends, the accounts that waited for it are found by these, and woken at a bounded rate.

CREATE INDEX accounts_waiting_for_escalations ON grain_index (service_id, created_seq) WHERE kind = 'account' AND summary ->> 'waits_for_escalations' = 'true';
CREATE INDEX accounts_waiting_for_collection ON grain_index (service_id, created_seq) WHERE kind = 'account' AND summary ->> 'waits_for_collection' = 'true';
