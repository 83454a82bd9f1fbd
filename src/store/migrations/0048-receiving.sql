-- Of 0047. What is made `if not exists` is built before, where others are at work (store/postgres/building).
create index if not exists deliveries_provider_id on deliveries (provider_id) where provider_id is not null;

-- Who receives what comes back: one worker at a time reads a mailbox, and one of a machine listens. By the
-- database's own clock; a worker renews its own for as long as it lives.
create table receivers (
  name text primary key,
  worker text not null,
  lease_until timestamptz not null
);

-- Answers of people that came back to us and go on to the operator. The bytes are kept until they have gone, and
-- the row as long as the same mail could come in again.
create table forwards (
  id uuid primary key,
  -- SHA-256 of the mail as it came in.
  digest bytea not null unique,
  -- Null once it has been sent.
  raw bytea check (octet_length(raw) <= 1048576),
  status text not null default 'waiting' check (status in ('waiting', 'sending', 'sent', 'failed')),
  reason text,
  attempts integer not null default 0,
  try_at timestamptz not null,
  lease_until timestamptz,
  worker text,
  message_id text,
  first_tried_at timestamptz,
  sent_at timestamptz,
  received_at timestamptz not null,
  check ((raw is null) = (status = 'sent'))
);
create index forwards_waiting on forwards (try_at) where status in ('waiting', 'sending');
create index forwards_received on forwards (received_at);
