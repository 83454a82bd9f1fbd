-- Where others are at work, what was active before 0057 has been put there step by step (store/postgres/due-filling).
do $$
begin
  if (select count(*) from enrollments where status = 'active') <> (select count(*) from due) then
    lock table enrollments in share row exclusive mode;
    insert into due (series, at, enrollment_id)
      select series, coalesce(due_at, 'infinity'), id from enrollments where status = 'active' on conflict do nothing;
  end if;
end $$;
-- It is new, and statements are planned by what is known of it. Before what keeps others from their work.
analyze due;
drop index if exists enrollments_due_by_series, enrollments_waiting;
-- Room for the next version of each row beside it: a morning moves most rows of a page within a minute.
alter table enrollments set (fillfactor = 50);
