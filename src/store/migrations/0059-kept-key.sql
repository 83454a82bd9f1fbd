-- What the planner asks of a reader's lessons stands in the key of what is kept: it reads one or two pages of an index, not a
-- page of the ledger for each lesson. Where others are at work, the months have been given theirs one by one
-- (store/postgres/kept-keys).
alter table deliveries_kept drop constraint deliveries_kept_key;
create unique index deliveries_kept_key on only deliveries_kept (enrollment_id, kind, item) include (local_date, status);
do $$
declare part name;
begin
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'deliveries_kept'::regclass
  loop
    execute format(
      'create unique index if not exists %I on %I (enrollment_id, kind, item) include (local_date, status)', part || '_key', part);
    execute format('alter index deliveries_kept_key attach partition %I', part || '_key');
    -- An index alone can answer once a page is known to be visible to all: that is what a vacuum finds out.
    execute format(
      'alter table %I set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 5000)', part);
  end loop;
end $$;
