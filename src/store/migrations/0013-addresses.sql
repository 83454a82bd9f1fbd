-- Links carry the epoch of their subscriber: when it rises, those that are out there are void. What a mail was composed
-- with stays with it, so that it is the same when it is sent again. `address_since`: null where the address is the first.
-- The columns are added last: the ledger is read before, and nobody is to wait for that.

-- Changes of address, each under the id of the mail that asks the new one. `epoch` is the subscriber's when it was asked
-- for: one that has risen since has ended the question. The highest `turn` was asked for last. `from_since` is the address_since to go back to.
create table address_changes (
  id uuid primary key,
  subscriber_id uuid not null references subscribers on delete cascade,
  from_address text not null,
  from_key text not null,
  from_since timestamptz,
  to_address text not null,
  to_key text not null,
  epoch integer not null,
  turn bigint generated always as identity,
  mailed_at timestamptz not null,
  asked_at timestamptz not null,
  confirmed_at timestamptz,
  undone_at timestamptz
);
create index address_changes_subscriber on address_changes (subscriber_id);
create index address_changes_from on address_changes (from_key);
create index address_changes_to on address_changes (to_key);

-- The newest question of each subscriber may still be answered.
insert into address_changes (id, subscriber_id, from_address, from_key, to_address, to_key, epoch, mailed_at, asked_at)
select distinct on (s.id) d.id, s.id, s.address, s.address_key, d.recipient, lower(d.recipient), 0, d.created_at, d.created_at
from deliveries d
join enrollments e on e.id = d.enrollment_id
join subscribers s on s.id = e.subscriber_id
where d.kind = 'change' and d.recipient is not null
order by s.id, d.id desc;
delete from address_changes where to_key = from_key;

alter table subscribers
  add column epoch integer not null default 0,
  add column address_since timestamptz;
alter table deliveries add column epoch integer;

-- Whose suppressions count for a mail to another address than the subscriber's own.
alter table deliveries add column recipient_hash bytea;
