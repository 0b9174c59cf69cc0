-- Renewals of healthy accounts have no reminder: each shard finds its own by this index when they are due. And what a new
-- version of a policy changes is found by the version that an account last looked at.

CREATE INDEX accounts_unreminded ON grain_index (service_id, due)
    WHERE clock IS NULL AND due IS NOT NULL AND kind = 'account' AND summary ->> 'remind' = 'false';

CREATE INDEX grain_index_reminded ON grain_index (service_id, due)
    WHERE clock IS NULL AND due IS NOT NULL AND summary ->> 'remind' IS DISTINCT FROM 'false';

CREATE INDEX accounts_by_policy_version ON grain_index (service_id, (summary ->> 'policy'), ((summary ->> 'policy_version')::int)) WHERE kind = 'account';

CREATE INDEX attention ON grain_index (service_id, created_seq) WHERE kind IN ('account', 'payment') AND summary -> 'attention' <> '[]';
