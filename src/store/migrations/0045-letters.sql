-- What each letter of new articles tells: their slugs, the newest first, and when the newest of them was
-- published. What comes after that is the next one's.
create table letters (
  delivery_id uuid primary key references deliveries on delete cascade,
  articles text[] not null,
  through timestamptz not null
);

-- One kind more, whatever the others are by now: migrations that were written beside this one bring their own.
do $$ begin
  execute (
    select 'alter table deliveries drop constraint deliveries_kind_check, add constraint deliveries_kind_check '
      || replace(pg_get_constraintdef(oid), 'ARRAY[', 'ARRAY[''letter''::text, ')
    from pg_constraint where conrelid = 'deliveries'::regclass and conname = 'deliveries_kind_check'
  );
end $$;
