-- A row of the ledger that has come says only what is its own. The series, kind and item that many readers share are stored
-- once, in ledger_items, and rows refer to them by a number; a key of numbers is half as large as one of their names. What
-- can be told from other columns is left out: when the row was made (its id begins with that), the first attempt where there
-- was one, the window of a mail that left within it, and the epoch of links.
--
-- The table is called ledger now: it is what is written. `deliveries` is how a row reads, in any state: a view.
--
-- Ended rows of before stay where they are, in ledger_old_kept and ledger_old_passing, until they are moved to the new months
-- in small batches while mail goes on (src/store/old-ledger.ts). Nothing is read or copied here.

-- All that is locked here, first, so that whoever is in the way is met before anything is done.
lock table deliveries in access exclusive mode;

alter table deliveries rename to ledger;

create table ledger_items (
  id integer generated always as identity primary key,
  series text not null,
  kind text not null,
  item text not null,
  unique (series, kind, item)
);

alter table ledger add column item_id integer;
-- 0: not in its month yet; 1 and 2: as 3 and 4, before this migration; 3: kept with its enrollment; 4: passing.
alter table ledger alter column retention set default 3;
alter table ledger
  alter column until drop not null,
  alter column created_at drop not null,
  alter column kind drop not null,
  alter column series drop not null,
  alter column item drop not null;
alter table deliveries_outstanding
  alter column until set not null,
  alter column created_at set not null,
  alter column kind set not null,
  alter column series set not null,
  alter column item set not null;

do $$
declare old record;
begin
  -- Copies of months that an interrupted exchange left behind.
  for old in
    select oid::regclass as name from pg_class
    where relnamespace = current_schema()::regnamespace and relname ~ '^deliveries_kept_\d{4}_\d{2}_left$' and relkind = 'r'
  loop
    execute format('drop table %s', old.name);
  end loop;
  for old in
    select c.oid::regclass as name, c.relname, c.relkind in ('i', 'I') as is_index
    from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relname ~ '^deliveries_(kept|passing)'
    order by c.relkind
  loop
    execute format('alter %s %s rename to %I', case when old.is_index then 'index' else 'table' end, old.name,
      regexp_replace(old.relname, '^deliveries_', 'ledger_old_'));
  end loop;
end $$;

create table deliveries_kept partition of deliveries_ended (
  constraint deliveries_kept_reason_code_check check (reason_code in ('mailbox_disabled', 'not_composed', 'skipped_by_reader'))
) for values in (3) partition by range (enrollment_id);
create table deliveries_passing partition of deliveries_ended (
  constraint deliveries_passing_reason_code_check check (reason_code in ('mailbox_disabled', 'not_composed', 'skipped_by_reader'))
) for values in (4) partition by range (local_date);

-- I1. The planner reads which lessons somebody has had, and when the last one came, from the key alone.
create unique index deliveries_kept_key on deliveries_kept (enrollment_id, item_id) include (local_date);
create unique index deliveries_passing_key on deliveries_passing (enrollment_id, item_id, local_date);
-- Of what no two readers share, such as the answer to a request, nothing is in ledger_items.
create unique index deliveries_kept_own_item on deliveries_kept (enrollment_id, kind, item) where item_id is null;
create unique index deliveries_passing_own_item on deliveries_passing (enrollment_id, kind, item, local_date) where item_id is null;
create index deliveries_kept_skipped on deliveries_kept (enrollment_id, item_id) where status = 'skipped';

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

create table deliveries_kept_other partition of deliveries_kept default
with (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 5000);
create table deliveries_passing_other partition of deliveries_passing default;

-- Where there is nothing to move, nothing of before remains. What was planned before and ends later is moved, too.
do $$
begin
  if not exists (select from deliveries_ended) then
    drop table ledger_old_kept, ledger_old_passing;
    alter table deliveries_ended detach partition deliveries_before;
    alter table deliveries_ended attach partition deliveries_before for values in (0, 1, 2);
  end if;
end $$;

create view deliveries as
select d.id, d.enrollment_id, d.merged_into, d.due_at,
  -- Left out if it left within its window.
  coalesce(d.until, d.due_at) as until,
  d.try_at,
  coalesce(d.created_at,
    to_timestamp(('x' || substr(replace(d.id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)) as created_at,
  d.queued_at, d.lost_at, d.local_date, d.day, d.retention, d.asked, d.after_pause, d.held, d.resends_ended,
  coalesce(d.kind, i.kind) as kind, coalesce(d.series, i.series) as series, coalesce(d.item, i.item) as item, d.item_id,
  d.recipient, d.recipient_hash, d.reason, d.reason_code, d.tries, d.edition, d.server, d.reply, d.provider_id, d.sent_at,
  coalesce(d.first_tried_at, d.sent_at) as first_tried_at,
  d.attempts, d.resends, d.epoch, d.status, d.message_id, d.worker, d.first_name, d.fields, d.sending
from ledger d left join ledger_items i on i.id = d.item_id;

create or replace function forget_deliveries() returns trigger language plpgsql as $$
begin
  with gone as (
    delete from ledger where enrollment_id = old.id returning id
  ), of_letters as (
    delete from letters l using gone where l.delivery_id = gone.id
  )
  delete from click_marks m using gone where m.delivery_id = gone.id;
  return old;
end $$;
