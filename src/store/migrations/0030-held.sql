-- Of 0029. What is made `if not exists` is built before, where others are at work (store/postgres/building).
create index if not exists deliveries_uncomposed on deliveries (status, series, until) where reason_code = 'not_composed';

-- A pause keeps a delivery back until its reader resumes. Until now that was told by `try_at = until`; from now on `try_at`
-- only says when it is tried: what is held has no try left in its window, and so stays out of the indexes of what has
-- (0022, 0025). Old rows are not written for the
-- column, and not read for the constraint, since nothing is held yet.
alter table deliveries add column held boolean not null default false;
alter table deliveries add constraint deliveries_held_check check (not held or try_at >= until) not valid;

-- Found by the indexes of what has no try left (0025), and of what is unknown (0022).
update deliveries d set held = true
  from enrollments e
  where e.id = d.enrollment_id and e.paused_at is not null and d.try_at = d.until
    and coalesce(d.status, '') in ('planned', 'retry') and d.try_at >= d.until
    and d.kind not in ('confirm', 'change', 'changed', 'link', 'export', 'erase');
update deliveries d set held = true
  from enrollments e
  where e.id = d.enrollment_id and e.paused_at is not null and d.try_at = d.until
    and d.status = 'unknown'
    and d.kind not in ('confirm', 'change', 'changed', 'link', 'export', 'erase');
