-- What came back about mails: bounces, complaints, and what takes them back. Each is named by what it came in, and
-- its place in it, so that nothing counts twice. No foreign key: what was reported of an address outlives the mail.
create table reports (
  id uuid primary key,
  digest bytea not null,
  place smallint not null,
  kind text not null check (kind in ('bounce', 'complaint', 'not_spam', 'unsubscribe')),
  class text check (class in ('hard', 'disabled', 'soft', 'block', 'sender', 'message')),
  reason text not null,
  source text not null,
  delivery_id uuid,
  series text,
  address_hash bytea,
  status text,
  diagnostic text not null,
  reported_by text,
  mailed_at timestamptz,
  received_at timestamptz not null,
  unique (digest, place),
  check ((kind = 'bounce') = (class is not null))
);
create index reports_address on reports (address_hash, received_at);
create index reports_delivery on reports (delivery_id);
create index reports_received on reports (received_at);

-- A suppression tells where it comes from: how it was noticed, by which report or in whose words.
alter table suppressions
  add column source text,
  add column report_id uuid,
  add column note text,
  drop constraint suppressions_reason_check,
  add constraint suppressions_reason_check check (reason in ('unsubscribe', 'bounce', 'soft_bounce', 'complaint',
    'provider', 'manual', 'erased'));
create index suppressions_since on suppressions (created_at);

-- Who was put on the list or taken off it, when and by whom.
create table suppression_changes (
  id bigint generated always as identity primary key,
  address_hash bytea not null,
  reason text not null,
  change text not null check (change in ('added', 'lifted')),
  source text not null,
  report_id uuid,
  note text,
  at timestamptz not null
);
create index suppression_changes_address on suppression_changes (address_hash);
