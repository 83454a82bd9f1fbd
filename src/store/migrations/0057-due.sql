-- When each active enrollment is due, in a table of its own: an advance changes no column of `enrollments` that stands in
-- an index, so that it is a HOT update. `infinity`: with nothing due until somebody resumes, or the course has more.
create table due (
  series text not null,
  at timestamptz not null,
  enrollment_id uuid not null,
  primary key (series, at, enrollment_id)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- A statement at a time: row by row it takes a third of what the database does for a mail. A plan is made once, perhaps
-- when the table is empty: whatever its size, each row is found by the key.
create function keep_due() returns trigger language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  if tg_op = 'TRUNCATE' then
    delete from due;
    return null;
  end if;
  if tg_op <> 'INSERT' then
    delete from due using old_rows w
    where w.status = 'active' and due.series = w.series and due.at = coalesce(w.due_at, 'infinity') and due.enrollment_id = w.id;
  end if;
  if tg_op <> 'DELETE' then
    insert into due (series, at, enrollment_id)
    select series, coalesce(due_at, 'infinity'), id from new_rows where status = 'active';
  end if;
  return null;
end $$;
create trigger keep_due_of_new after insert on enrollments
  referencing new table as new_rows for each statement execute function keep_due();
create trigger keep_due after update on enrollments
  referencing old table as old_rows new table as new_rows for each statement execute function keep_due();
create trigger keep_due_of_gone after delete on enrollments
  referencing old table as old_rows for each statement execute function keep_due();
create trigger keep_due_of_none after truncate on enrollments for each statement execute function keep_due();
