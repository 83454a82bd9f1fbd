-- What the sweep and an operator ask, at the same cost whatever the ledger and the backlog.

-- What is open, by the end of its window, so that what can no longer leave is at its front and all of it can be gone
-- through slice by slice. What is held back until its window ends, or waits for another morning, stays out. As an
-- expression, since the statistics of what is open are always of yesterday (0011).
drop index if exists deliveries_open;
create index if not exists deliveries_try_left on deliveries (until, id)
  where coalesce(status, '') in ('planned', 'retry', 'unknown') and try_at < until;

create index if not exists deliveries_no_try_left on deliveries (kind, until, status)
  where coalesce(status, '') in ('planned', 'retry') and try_at >= until;

-- The rarer ends of a delivery can be counted; there are too many that came.
create index if not exists deliveries_ended on deliveries (status)
  where coalesce(status, '') in ('bounced', 'refused', 'expired', 'skipped');

-- By its time alone one would go through all that is due for good in a series that has ended.
drop index enrollments_due;

-- Whoever is erased is not looked for row by row.
create index outbox_recipient on outbox (lower(recipient collate "C"));
create index requests_address on requests (address_key);
create index link_requests_address on link_requests (address_key);
create index address_changes_asked on address_changes (asked_at);

-- Which version a held change was compared with, and when: one process compares for all.
alter table held_changes add column base text, add column compared_at timestamptz;
