-- What /readyz and /metrics ask, at the same cost whatever the backlog.

-- Indexes of what is due and of what waits stood here: 0056 and 0058 drop them.

-- What is made `if not exists` is built before, where others are at work (store/postgres/building).
create index if not exists deliveries_unknown on deliveries (resends, due_at) where status = 'unknown';

-- Mails that could not be composed: those that wait, by course, and those that came too late, newest last.
drop index if exists deliveries_uncomposed;
create index if not exists deliveries_uncomposed_waiting on deliveries (series)
  where reason like 'cannot be composed: %' and status in ('planned', 'retry', 'sending');
create index if not exists deliveries_uncomposed_expired on deliveries (series, until)
  where reason like 'cannot be composed: %' and status = 'expired';

-- Every process of the installation, with its signs of life by the database's own clock, which no sandbox moves.
create table processes (
  name text primary key,
  plans boolean not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  planned_at timestamptz,
  sending_at timestamptz,
  accepted_at timestamptz,
  servers jsonb not null default '{}',
  metrics jsonb not null default '[]'
);

-- A row as large as a page, written again and again to see whether the disk has room: small ones find it in old pages.
create table write_checks (page text not null);
alter table write_checks alter column page set storage plain;
alter table write_checks set (autovacuum_vacuum_threshold = 20, autovacuum_vacuum_scale_factor = 0);

-- What a process has noticed and an operator should know.
create table notices (name text primary key, since timestamptz not null default now(), seen_at timestamptz not null default now());

-- What was asked for without proof of work in a rush is carried out one after the other, from this time on.
alter table requests add column not_before timestamptz;
create index requests_not_before on requests (not_before) where not_before is not null;
alter table link_requests add column not_before timestamptz;
create index link_requests_not_before on link_requests (not_before) where not_before is not null;
