-- Gateways' events are matched with payments by the gateway's own id of the charge, and payments with the events that came
-- before them. Only events that still wait have the field, so the second index stays as small as what waits.

CREATE INDEX payments_by_gateway_reference ON grain_index (service_id, (summary ->> 'gateway_reference'), created_seq)
    WHERE kind = 'payment' AND summary ->> 'gateway_reference' IS NOT NULL;
CREATE INDEX inbox_by_wait ON grain_index (service_id, (summary ->> 'waits_for'), created_seq)
    WHERE kind = 'inbox' AND summary ->> 'waits_for' IS NOT NULL;
