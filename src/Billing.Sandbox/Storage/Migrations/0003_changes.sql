-- When a charge changed last, on its own clock: whoever asks what has changed since an instant is answered from this.

alter table sandbox.charges add column changed_at timestamptz;   -- null: not since it was made or settled

create index charges_changed on sandbox.charges (clock, coalesce(changed_at, created_at), seq) where status <> 'closed';
create index refunds_created on sandbox.refunds (clock, created_at, seq);
