-- Grains with a message that keeps failing: the sweepers ask for them in turn, beside everything else that is pending, so
-- that a thousand of them hold nothing else up.

CREATE INDEX grain_index_stuck ON grain_index (service_id, key COLLATE "C") WHERE summary ->> 'stuck' = 'true';
