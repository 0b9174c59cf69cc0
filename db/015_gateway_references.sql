-- A payment with several attempts is found by the gateway's id of each: a dispute may name one that was captured late. A payment
-- with one has that in gateway_reference alone, so the index holds the few that have more; a row of before has it with its next write.

CREATE INDEX payments_by_gateway_references ON grain_index USING gin ((summary -> 'gateway_references') jsonb_path_ops)
    WHERE kind = 'payment' AND summary -> 'gateway_references' <> '[]';
