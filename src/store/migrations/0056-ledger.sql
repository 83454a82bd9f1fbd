-- The ledger in parts. What has not ended is in a small table of its own, deliveries_outstanding: a claim changes no column
-- that stands in an index of it, so that it is a HOT update. What has ended is written once more, to the part where it
-- stays: deliveries_kept, by the month of its enrollment, or deliveries_passing, by the month of its date. So what is
-- over can be dropped month by month. PostgreSQL moves a row when its status says so; all of it is still `deliveries`.
--
-- The ledger so far becomes a part as it is, deliveries_before: nothing of it is copied but what has not ended. Where nobody
-- else is at work that is done here, at once. Where others are, it would keep them waiting until all of it has been read, and
-- is done after this, step by step (store/postgres/ledger-joining). Until then no table has the name `deliveries`: a process
-- of an older version that has not stopped yet can neither plan what somebody has had (I1), nor claim or read anything. All
-- it can do is fail; a ledger without its past would have it begin courses anew.

-- All that is locked here, first, so that whoever is in the way is met before anything is done.
lock table deliveries, enrollments, letters, click_marks, comment_mails in access exclusive mode;

-- A key of a ledger in parts names its part, so that nothing can refer to it by the id alone.
alter table comment_mails drop constraint comment_mails_merged_into_fkey;
alter table click_marks drop constraint click_marks_delivery_id_fkey;
alter table letters drop constraint letters_delivery_id_fkey;

alter table deliveries rename to deliveries_before;
alter index deliveries_pkey rename to deliveries_before_pkey;
alter index deliveries_enrollment_id_kind_item_key rename to deliveries_before_key;
alter index deliveries_merged_into rename to deliveries_before_merged_into;
alter index deliveries_recipient rename to deliveries_before_recipient;
alter index deliveries_provider_id rename to deliveries_before_provider_id;
alter index deliveries_ended rename to deliveries_before_ended;
alter index deliveries_uncomposed rename to deliveries_before_uncomposed;
do $$
declare own name;
begin
  for own in select conname from pg_constraint where conrelid = 'deliveries_before'::regclass and contype = 'f' loop
    execute format('alter table deliveries_before drop constraint %I', own);
  end loop;
end $$;
alter table deliveries_before add column retention smallint not null default 0, add column lost_at timestamptz;

-- In this order, so that the log of a claim is short: what it changes comes last, and what stays the same before it is
-- not written again.
create table deliveries (
  id uuid not null,
  enrollment_id uuid not null,
  merged_into uuid,
  due_at timestamptz not null,
  until timestamptz not null,
  try_at timestamptz not null,
  created_at timestamptz not null,
  queued_at timestamptz,
  -- Its outcome was unknown at least once, since then for the last time.
  lost_at timestamptz,
  local_date date not null,
  day integer,
  -- 0: of the ledger before; 1: kept with its enrollment; 2: passing.
  retention smallint not null default 1,
  asked boolean not null default false,
  after_pause boolean not null default false,
  held boolean not null default false,
  resends_ended boolean not null default false,
  kind text not null,
  series text not null,
  item text not null,
  recipient text,
  recipient_hash bytea,
  reason text,
  reason_code text,
  tries text[],
  edition text,
  server text,
  reply text,
  provider_id text,
  sent_at timestamptz,
  first_tried_at timestamptz,
  attempts integer not null default 0,
  resends integer not null default 0,
  epoch integer,
  status text not null default 'planned',
  message_id text,
  worker text,
  first_name text,
  fields jsonb
) partition by list (status);

-- More than half of each page is left free, for the longer rows that a claim makes. What has ended leaves room that is used
-- again soon.
create table deliveries_outstanding partition of deliveries (
  primary key (id),
  constraint deliveries_outstanding_key unique (enrollment_id, kind, item),
  constraint deliveries_outstanding_enrollment_id_fkey foreign key (enrollment_id) references enrollments on delete cascade,
  constraint deliveries_outstanding_held_check check (not held or try_at >= until),
  constraint deliveries_outstanding_kind_check check (kind in ('confirm', 'welcome', 'lesson', 'inspiration', 'letter',
    'completion', 'again', 'change', 'changed', 'link', 'export', 'erase', 'sign-in')),
  constraint deliveries_outstanding_reason_code_check check (reason_code in ('mailbox_disabled', 'not_composed', 'skipped_by_reader'))
) for values in ('planned', 'retry', 'sending', 'unknown')
with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.2, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- No column of these is changed by a claim.
create unique index deliveries_outstanding_one_lesson_a_date on deliveries_outstanding (enrollment_id, local_date)
  where kind = 'lesson' and not asked;
create unique index deliveries_outstanding_one_asked_a_date on deliveries_outstanding (enrollment_id, local_date) where asked;
create index deliveries_outstanding_try_left on deliveries_outstanding (until, id) where try_at < until;
create index deliveries_outstanding_no_try_left on deliveries_outstanding (kind, until) where try_at >= until;
create index deliveries_outstanding_unqueued on deliveries_outstanding (try_at)
  where try_at < until and queued_at is null and merged_into is null;
-- What has failed before, and what has not: a crowd of mails that are deferred hides none that nobody has tried. Lessons
-- that have not failed are found by the end of their windows.
create index deliveries_outstanding_due_others on deliveries_outstanding (due_at)
  where try_at < until and tries is null and kind <> 'lesson';
create index deliveries_outstanding_failed_lessons on deliveries_outstanding (due_at)
  where try_at < until and tries is not null and kind = 'lesson';
create index deliveries_outstanding_failed_others on deliveries_outstanding (due_at)
  where try_at < until and tries is not null and kind <> 'lesson';
create index deliveries_outstanding_lost on deliveries_outstanding (resends, due_at) where lost_at is not null;
create index deliveries_outstanding_merged_into on deliveries_outstanding (merged_into) where merged_into is not null;
create index deliveries_outstanding_recipient on deliveries_outstanding (lower(recipient collate "C")) where recipient is not null;
create index deliveries_outstanding_uncomposed on deliveries_outstanding (series, until) where reason_code = 'not_composed';

create table deliveries_ended partition of deliveries
for values in ('sent', 'merged', 'bounced', 'refused', 'expired', 'skipped') partition by list (retention);

-- By enrollments, whose ids begin with the time: all rows of one are in one part, so that their key holds for all time.
create table deliveries_kept partition of deliveries_ended (
  constraint deliveries_kept_reason_code_check check (reason_code in ('mailbox_disabled', 'not_composed', 'skipped_by_reader')),
  constraint deliveries_kept_key unique (enrollment_id, kind, item)
) for values in (1) partition by range (enrollment_id);
create table deliveries_kept_other partition of deliveries_kept default;

-- By their dates, which are what their items are made of.
create table deliveries_passing partition of deliveries_ended (
  constraint deliveries_passing_reason_code_check check (reason_code in ('mailbox_disabled', 'not_composed', 'skipped_by_reader')),
  constraint deliveries_passing_key unique (enrollment_id, kind, item, local_date)
) for values in (2) partition by range (local_date);
create table deliveries_passing_other partition of deliveries_passing default;

create index deliveries_kept_id on deliveries_kept (id);
create index deliveries_kept_merged_into on deliveries_kept (merged_into) where merged_into is not null;
create index deliveries_kept_recipient on deliveries_kept (lower(recipient collate "C")) where recipient is not null;
create index deliveries_kept_provider_id on deliveries_kept (provider_id) where provider_id is not null;
create index deliveries_kept_rare on deliveries_kept (status) where status not in ('sent', 'merged');
create index deliveries_kept_uncomposed on deliveries_kept (series, until) where reason_code = 'not_composed';
create index deliveries_passing_id on deliveries_passing (id);
create index deliveries_passing_merged_into on deliveries_passing (merged_into) where merged_into is not null;
create index deliveries_passing_recipient on deliveries_passing (lower(recipient collate "C")) where recipient is not null;
create index deliveries_passing_provider_id on deliveries_passing (provider_id) where provider_id is not null;
create index deliveries_passing_rare on deliveries_passing (status) where status not in ('sent', 'merged');
create index deliveries_passing_uncomposed on deliveries_passing (series, until) where reason_code = 'not_composed';

-- A worker has one lease on all that it has claimed, by the database's clock.
create table workers (
  name text primary key,
  lease_until timestamptz not null
) with (fillfactor = 50);
-- Found by the index of leases, whatever PostgreSQL knows of the table.
set local enable_seqscan = off;
insert into workers (name, lease_until)
select worker, max(lease_until) from deliveries_before
where status = 'sending' and worker is not null and lease_until is not null group by worker;
reset enable_seqscan;

-- What the part promises of its rows. Once that is known of all of them, PostgreSQL attaches it without reading it.
alter table deliveries_before add constraint deliveries_before_ended check (
  status in ('sent', 'merged', 'bounced', 'refused', 'expired', 'skipped') and retention = 0::smallint) not valid;

-- Moves so many of what has not ended, found by the indexes of before, and says how many it were.
create function move_outstanding(most integer) returns integer language plpgsql set enable_seqscan = off as $$
declare moved integer;
begin
  with gone as (
    delete from deliveries_before where id = any (array(
      select id from (
        select id from deliveries_before where coalesce(status, '') in ('planned', 'retry', 'unknown') and try_at < until
        union all select id from deliveries_before where coalesce(status, '') in ('planned', 'retry') and try_at >= until
        union all select id from deliveries_before where status = 'unknown'
        union all select id from deliveries_before where status = 'sending'
      ) as outstanding limit most
    )) returning *
  )
  insert into deliveries_outstanding (id, enrollment_id, merged_into, due_at, until, try_at, created_at, queued_at, lost_at,
    first_tried_at, sent_at, local_date, day, attempts, resends, epoch, retention, asked, after_pause, held, resends_ended,
    status, kind, series, item, message_id, edition, worker, server, reply, provider_id, first_name, fields, recipient,
    recipient_hash, reason, reason_code, tries)
  select id, enrollment_id, merged_into, due_at, until, try_at, created_at, queued_at,
    case when status = 'unknown' then now() end,
    first_tried_at, sent_at, local_date, day, attempts, resends, epoch,
    case when kind in ('inspiration', 'confirm', 'change', 'changed', 'link', 'export', 'erase', 'sign-in') then 2 else 1 end,
    asked, after_pause, held, resends_ended, status, kind, series, item, message_id, edition, worker, server, reply,
    provider_id, first_name, fields, recipient, recipient_hash, reason, reason_code, tries
  from gone;
  get diagnostics moved = row_count;
  return moved;
end $$;

-- Makes what is left a part, and the whole the ledger.
create function join_ledger() returns void language plpgsql as $$
begin
  -- Those that are not everywhere were made by versions of their time, and are made by none any more.
  drop index deliveries_try_left, deliveries_no_try_left, deliveries_leases, deliveries_unknown;
  drop index if exists deliveries_series, deliveries_unqueued, deliveries_waiting_lessons, deliveries_waiting_others,
    deliveries_one_lesson_a_date, deliveries_one_asked_a_date;
  alter table deliveries_before drop column lease_until;
  alter table deliveries_ended attach partition deliveries_before for values in (0);
  alter table deliveries_before drop constraint deliveries_before_ended;
  alter table deliveries_in_parts rename to deliveries;
end $$;

-- The rows of an enrollment go with it, wherever they are, and what hangs on them.
create function forget_deliveries() returns trigger language plpgsql as $$
begin
  delete from letters l using deliveries d where d.enrollment_id = old.id and l.delivery_id = d.id;
  delete from click_marks m using deliveries d where d.enrollment_id = old.id and m.delivery_id = d.id;
  delete from deliveries where enrollment_id = old.id;
  return old;
end $$;
create trigger forget_deliveries before delete on enrollments for each row execute function forget_deliveries();

-- How many mails of a series came or bounced in a minute, but answers to what somebody asked for by a form: what guard
-- rails weigh complaints and bounces against.
create table sent_counts (
  series text not null,
  minute timestamptz not null,
  mails integer not null,
  primary key (series, minute)
) with (fillfactor = 70);

-- Said by whoever does the rest of it in steps.
alter table deliveries rename to deliveries_in_parts;
do $$
begin
  if current_setting('dawnpost.beside_others', true) is distinct from 'on' then
    perform move_outstanding(null);
    perform join_ledger();
    drop function move_outstanding(integer);
    drop function join_ledger();
  end if;
end $$;
