-- The reader's own rhythm. `paused_until` null in a pause: until the reader resumes. `due_on` stays during a
-- pause, so that resuming can take up the morning that was waited for; `due_at` tells the planner when to look.
alter table enrollments
  add column every_other boolean not null default false,
  add column quiet_from date,
  add column quiet_to date,
  add column paused_at timestamptz,
  add column paused_until date,
  add constraint quiet_dates check ((quiet_from is null) = (quiet_to is null) and quiet_from <= quiet_to),
  add constraint paused_while_active check (paused_at is null or status = 'active'),
  add constraint paused_until_a_date check (paused_until is null or paused_at is not null),
  drop constraint due_while_active,
  add constraint due_while_active check (
    (due_on is not null) = (status = 'active')
    and (due_at is not null) = (status = 'active' and (paused_at is null or paused_until is not null))
  ),
  drop constraint enrollments_status_check,
  add constraint enrollments_status_check
    check (status in ('pending', 'active', 'completed', 'left', 'stopped', 'restarted'));

-- `asked`: the reader asked for this lesson "now"; it may share its date with the regular one (I3), once a day.
-- A skipped lesson takes no date. `recipient` is set where a mail does not go to the subscriber's own address:
-- to the new one, to be confirmed, and to the old one, to be told.
alter table deliveries
  add column asked boolean not null default false,
  add column recipient text,
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in
    ('confirm', 'welcome', 'lesson', 'inspiration', 'completion', 'again', 'change', 'changed', 'link')) not valid;
drop index deliveries_one_lesson_a_date;
-- Two indexes stood here that kept to that, one a date for each: 0056 drops them, and makes others.
