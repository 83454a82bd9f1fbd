-- Series that are paused, by the program or by an operator; '*' is all of them. A row stays when its series is
-- resumed: what came before is not counted again. `warned` is what was seen short of a pause.
create table paused_series (
  series text primary key,
  since timestamptz,
  reason text check (reason in ('complaints', 'bounces', 'sender', 'operator')),
  evidence jsonb,
  is_told boolean not null default false,
  mailed_at timestamptz,
  resumed_at timestamptz,
  warned_at timestamptz,
  warned jsonb,
  check ((since is null) = (reason is null))
);

-- Mails that were refused, or put off, for what is wrong with our set-up: once a mail, with the record at fault.
create table sender_faults (
  delivery_id uuid primary key,
  address_hash bytea not null,
  fault text not null,
  said text not null,
  at timestamptz not null
);
create index sender_faults_at on sender_faults (at);

-- What receivers sum up of the mail in our name: reports on TLS (RFC 8460) and on DMARC (RFC 9990), each once.
create table receiver_reports (
  id uuid primary key,
  kind text not null check (kind in ('tls', 'dmarc')),
  org text not null,
  report_id text not null,
  domain text not null,
  begins_at timestamptz not null,
  ends_at timestamptz not null,
  good bigint not null,
  bad bigint not null,
  detail jsonb not null,
  received_at timestamptz not null,
  unique (kind, org, report_id)
);
create index receiver_reports_received on receiver_reports (received_at);
