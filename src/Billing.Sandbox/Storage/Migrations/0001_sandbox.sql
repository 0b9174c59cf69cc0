-- The sandbox's own schema: what a remote gateway would keep at its side. Nothing of ours refers to it, and it refers to nothing of ours.

create table sandbox.methods (
    token       text primary key,
    script      jsonb not null,             -- steps, worked out when the script was put
    taken       integer not null default 0, -- the place of the next step; it stays at the last
    fingerprint text,
    network     text,
    funding     text
);

-- One row a key: its charge, or its closing. The primary key is what keeps a key from being both.
create table sandbox.charges (
    id              text primary key,       -- a hash of the key
    seq             bigint generated always as identity,
    key             text not null,
    content         text not null,          -- a hash of what has to be the same for the key to be the same charge
    payment         text not null,
    account         text not null,
    clock           text not null,          -- '' is real time
    amount          bigint not null,
    currency        text not null,
    status          text not null check (status in ('processing', 'succeeded', 'failed', 'disputed', 'reversed', 'refunded', 'closed')),
    code            text,
    challenge       boolean not null default false,
    created_at      timestamptz not null,
    settled_at      timestamptz,
    due_at          timestamptz,
    due_status      text,
    due_code        text,
    amount_refunded bigint not null default 0,
    amount_reversed bigint not null default 0,
    changes         integer not null default 1
);

create index charges_seq on sandbox.charges (seq) where status <> 'closed';
create index charges_account on sandbox.charges (account, seq) where status <> 'closed';
create index charges_due on sandbox.charges (clock, due_at, seq) where due_at is not null;

-- What is told and not yet acknowledged. An acknowledged event is deleted, so the table is as long as what is left to tell.
create table sandbox.events (
    seq         bigint generated always as identity primary key,
    id          text not null unique,
    type        text not null,
    charge      text not null references sandbox.charges (id),
    clock       text not null,
    status      text not null,
    code        text,
    at          timestamptz not null,
    created_at  timestamptz not null,
    tries       integer not null default 0,
    next_try_at timestamptz not null
);

create index events_charge on sandbox.events (charge, seq);
create index events_next_try on sandbox.events (next_try_at, seq);
create index events_clock on sandbox.events (clock) where clock <> '';

-- The next step of a token's script; null where it has none. Only a script that moves on is locked: a last step that
-- repeats is read alone, so that many charges of one token do not queue up.
create function sandbox.take_step(p_token text) returns jsonb language plpgsql as $$
declare
    v_script jsonb;
    v_taken  integer;
begin
    select script, taken into v_script, v_taken from sandbox.methods where token = p_token;
    if not found or jsonb_array_length(v_script) = 0 then
        return null;
    end if;
    if v_taken < jsonb_array_length(v_script) - 1 then
        select script, taken into v_script, v_taken from sandbox.methods where token = p_token for update;
        update sandbox.methods set taken = least(v_taken + 1, greatest(jsonb_array_length(v_script) - 1, 0)) where token = p_token;
    end if;
    return v_script -> v_taken;
end $$;

-- Makes the key's charge, with its event, unless the key has a row. The lock makes charges and questions of one key take
-- turns, so that a second one takes no step of the script. Answers the outcome that it took; null where it took none.
create function sandbox.charge(
    p_id text, p_key text, p_content text, p_payment text, p_account text, p_clock text, p_amount bigint, p_currency text, p_token text,
    p_at timestamptz, p_by_hand boolean, p_default_step jsonb, p_event text, p_now timestamptz) returns text language plpgsql as $$
declare
    v_step   jsonb;
    v_status text;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_id, 0));
    if exists (select 1 from sandbox.charges where id = p_id) then
        return null;
    end if;
    v_step := coalesce(sandbox.take_step(p_token), p_default_step);
    v_status := case when p_by_hand then coalesce(v_step ->> 'status_by_hand', v_step ->> 'status') else v_step ->> 'status' end;
    if v_status is not null then
        insert into sandbox.charges
            (id, key, content, payment, account, clock, amount, currency, status, code, challenge, created_at, settled_at, due_at, due_status, due_code)
        values
            (p_id, p_key, p_content, p_payment, p_account, p_clock, p_amount, p_currency, v_status, v_step ->> 'code',
             coalesce((v_step ->> 'challenge')::boolean, false), p_at, case when v_status <> 'processing' then p_at end,
             p_at + make_interval(secs => (v_step ->> 'settles_after_seconds')::double precision), v_step ->> 'settles_to', v_step ->> 'settles_code');
        if v_step ->> 'event' is not null then
            insert into sandbox.events (id, type, charge, clock, status, code, at, created_at, next_try_at)
            values (p_event, v_step ->> 'event', p_id, p_clock, v_status, v_step ->> 'code', p_at, p_now, p_now);
        end if;
    end if;
    return v_step ->> 'outcome';
end $$;

-- Closes a key that has no row.
create function sandbox.close(
    p_id text, p_key text, p_content text, p_payment text, p_account text, p_clock text, p_amount bigint, p_currency text, p_at timestamptz)
    returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(p_id, 0));
    if not exists (select 1 from sandbox.charges where id = p_id) then
        insert into sandbox.charges (id, key, content, payment, account, clock, amount, currency, status, created_at)
        values (p_id, p_key, p_content, p_payment, p_account, p_clock, p_amount, p_currency, 'closed', p_at);
    end if;
end $$;
