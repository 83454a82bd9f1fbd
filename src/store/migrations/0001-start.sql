-- People. `address_key` is one spelling of the address for matching; `address_hash` is keyed, and is all
-- that remains of a person in `suppressions`.
create table subscribers (
  id uuid primary key,
  address text not null,
  address_key text not null unique,
  address_hash bytea not null,
  first_name text not null,
  created_at timestamptz not null
);

-- A subscriber in a series. Enrolling again after leaving or completing makes a new row, so that the ledger's
-- unique keys hold per enrollment.
create table enrollments (
  id uuid primary key,
  subscriber_id uuid not null references subscribers on delete cascade,
  series text not null,
  status text not null check (status in ('pending', 'active', 'completed', 'left', 'stopped')),
  time_of_day text not null check (time_of_day ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  zone text not null,
  weekdays smallint[] not null check (cardinality(weekdays) > 0),
  next_day integer not null default 1,
  due_on date,
  due_at timestamptz,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  ended_at timestamptz,
  constraint due_while_active check ((status = 'active') = (due_at is not null) and (due_at is null) = (due_on is null))
);
create unique index enrollments_one_open on enrollments (subscriber_id, series) where status in ('pending', 'active');
create index enrollments_subscriber on enrollments (subscriber_id);
create index enrollments_due on enrollments (due_at) where status = 'active';
create index enrollments_pending on enrollments (created_at) where status = 'pending';

-- What a person agreed to, in the words they saw (standards.md H1). Rows are added, never changed.
create table consents (
  id bigint generated always as identity primary key,
  enrollment_id uuid not null references enrollments on delete cascade,
  event text not null check (event in ('asked', 'confirmed', 'withdrawn')),
  wording text not null,
  source text not null,
  network text not null,
  at timestamptz not null
);
create index consents_enrollment on consents (enrollment_id);
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name;
end $$;
create trigger consents_append_only before update on consents for each row execute function refuse_change();

-- Addresses that get no mail, by keyed hash. An unsubscription from everything ends with a fresh
-- confirmation by the person; the other reasons end by an operator only.
create table suppressions (
  address_hash bytea not null,
  reason text not null check (reason in ('unsubscribe', 'bounce', 'complaint', 'manual')),
  created_at timestamptz not null,
  primary key (address_hash, reason)
);

-- The ledger. `unique (enrollment_id, kind, item)` is invariant I1: one delivery a lesson, and one a date of
-- a daily. `deliveries_one_lesson_a_date` is I3.
create table deliveries (
  id uuid primary key,
  enrollment_id uuid not null references enrollments on delete cascade,
  subscriber_id uuid not null references subscribers on delete cascade,
  series text not null,
  kind text not null check (kind in ('confirm', 'welcome', 'lesson', 'inspiration', 'completion')),
  item text not null,
  day integer,
  local_date date not null,
  due_at timestamptz not null,
  until timestamptz not null,
  status text not null default 'planned'
    check (status in ('planned', 'sending', 'sent', 'retry', 'bounced', 'refused', 'expired', 'skipped', 'unknown')),
  reason text,
  attempts integer not null default 0,
  resends integer not null default 0,
  try_at timestamptz not null,
  lease_until timestamptz,
  queued_at timestamptz,
  first_tried_at timestamptz,
  message_id text,
  edition text,
  sent_at timestamptz,
  created_at timestamptz not null,
  unique (enrollment_id, kind, item)
);
create unique index deliveries_one_lesson_a_date on deliveries (enrollment_id, local_date) where kind = 'lesson';
create index deliveries_open on deliveries (try_at) where status in ('planned', 'retry', 'unknown');
create index deliveries_leases on deliveries (lease_until) where status = 'sending';
create unique index deliveries_message_id on deliveries (message_id);
create index deliveries_subscriber on deliveries (subscriber_id, created_at);

-- The sandbox: mail that was caught instead of sent, and how far its clock is ahead of the real one.
create table outbox (
  id bigint generated always as identity primary key,
  message_id text not null,
  recipient text not null,
  subject text not null,
  raw bytea not null,
  caught_at timestamptz not null
);
create table sandbox_clock (
  one boolean primary key default true check (one),
  ahead_ms bigint not null default 0
);
insert into sandbox_clock default values;

-- Shared by all web processes; the shape is rate-limiter-flexible's.
create table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limits_expire on rate_limits (expire);
