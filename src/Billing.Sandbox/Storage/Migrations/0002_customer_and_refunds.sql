-- Charges that wait for the customer, with their window; cancels; refunds; events that keep their own amount.

-- What the customer is asked for: a challenge's answer (also of a charge that failed for want of it), or coins.
alter table sandbox.charges add column asks text check (asks in ('challenge', 'coins'));
update sandbox.charges set asks = 'challenge' where challenge;
alter table sandbox.charges drop column challenge;
alter table sandbox.charges add column expires_at timestamptz;  -- past it a waiting charge fails by itself: due_at is never later
alter table sandbox.charges add column cancelled boolean not null default false;

-- A charge goes on changing while its event waits to be sent, so the event keeps the amount that it tells.
alter table sandbox.events add column amount bigint;
update sandbox.events e set amount = case when e.type = 'charge.dispute_lost' then c.amount_reversed else c.amount end
from sandbox.charges c where c.id = e.charge;
alter table sandbox.events alter column amount set not null;

-- One row a key. No reference to a charge: one that is unknown is declined, and the same key again is answered the same.
create table sandbox.refunds (
    id         text primary key,            -- a hash of the key
    seq        bigint generated always as identity,
    key        text not null,
    content    text not null,               -- a hash of what has to be the same for the key to be the same refund
    charge     text not null,
    payment    text not null,
    account    text not null,
    clock      text not null,               -- '' is real time
    amount     bigint not null,
    currency   text not null,
    status     text not null check (status in ('succeeded', 'declined')),
    code       text,
    created_at timestamptz not null
);

drop function sandbox.charge(text, text, text, text, text, text, bigint, text, text, timestamptz, boolean, jsonb, text, timestamptz);

-- Makes the key's charge, with its event, unless the key has a row. The lock makes charges and questions of one key take
-- turns, so that a second one takes no step of the script. Answers the outcome that it took; null where it took none.
-- A charge that waits for the customer ends at its window, unless it settles by itself by then.
create function sandbox.charge(
    p_id text, p_key text, p_content text, p_payment text, p_account text, p_clock text, p_amount bigint, p_currency text, p_token text,
    p_at timestamptz, p_by_hand boolean, p_coins boolean, p_expires_at timestamptz, p_default_step jsonb, p_event text, p_now timestamptz)
    returns text language plpgsql as $$
declare
    v_step       jsonb;
    v_status     text;
    v_asks       text;
    v_expires_at timestamptz;
    v_due_at     timestamptz;
    v_expires    boolean;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_id, 0));
    if exists (select 1 from sandbox.charges where id = p_id) then
        return null;
    end if;
    v_step := coalesce(sandbox.take_step(p_token), p_default_step);
    v_status := case when p_by_hand then coalesce(v_step ->> 'status_by_hand', v_step ->> 'status') else v_step ->> 'status' end;
    if v_status is not null then
        v_asks := case when (v_step ->> 'challenge')::boolean then 'challenge' when v_status = 'processing' and p_coins then 'coins' end;
        v_expires_at := case when v_status = 'processing' and v_asks is not null then p_expires_at end;
        v_due_at := p_at + make_interval(secs => (v_step ->> 'settles_after_seconds')::double precision);
        v_expires := v_expires_at is not null and (v_due_at is null or v_expires_at < v_due_at);
        insert into sandbox.charges
            (id, key, content, payment, account, clock, amount, currency, status, code, asks, created_at, settled_at, expires_at, due_at, due_status, due_code)
        values
            (p_id, p_key, p_content, p_payment, p_account, p_clock, p_amount, p_currency, v_status, case when v_status = 'failed' then v_step ->> 'code' end,
             v_asks, p_at, case when v_status <> 'processing' then p_at end, v_expires_at,
             case when v_expires then v_expires_at else v_due_at end,
             case when v_expires then 'failed' else v_step ->> 'settles_to' end,
             case when v_expires then 'expired' else v_step ->> 'settles_code' end);
        if v_step ->> 'event' is not null then
            insert into sandbox.events (id, type, charge, clock, status, code, amount, at, created_at, next_try_at)
            values (p_event, v_step ->> 'event', p_id, p_clock, v_status, v_step ->> 'code', p_amount, p_at, p_now, p_now);
        end if;
    end if;
    return v_step ->> 'outcome';
end $$;
