-- A reader who is through with an open course waits for its next lesson: active, with the date from which it may come, and no
-- instant at which the planner looks. So those who wait stand behind all that is due, and cost it nothing. Old rows are not
-- read for the constraint, since it allows what the one before it did.
alter table enrollments
  drop constraint due_while_active,
  add constraint due_while_active check (
    (due_on is not null) = (status = 'active')
    and (due_at is null or (status = 'active' and (paused_at is null or paused_until is not null)))
  ) not valid;
-- An index of those who wait stood here: 0058 drops it.

-- The date on which somebody begins together with others; null in a course where everybody begins for themselves.
alter table enrollments add column starts_on date;

-- Whether those who are on their way in a course have been told of what is live: false from the moment at which it becomes
-- so until all who wait for that have been given a morning.
alter table courses add column settled boolean not null default true;
