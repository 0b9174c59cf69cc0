-- When a pull of a gateway's books has ended, the accounts whose deletion waited for it are found by this, and woken at a bounded
-- rate. An account that a pull before this one has not helped waits for one that begins later still.

CREATE INDEX accounts_waiting_for_pull ON grain_index (service_id, (summary ->> 'waits_for_pull'), ((summary ->> 'waits_for_pull_after')::bigint), created_seq)
    WHERE kind = 'account' AND summary ->> 'waits_for_pull' IS NOT NULL;
