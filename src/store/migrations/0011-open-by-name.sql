-- What is open is a few rows at night and a hundred thousand in the morning, and the planner's statistics are always of
-- yesterday: it took the index of the open ones for a short way to a single delivery, and went through all of them. As an
-- expression only the statements that ask for what is open, by the same expression, can use it.
drop index deliveries_open;
create index deliveries_open on deliveries (try_at) where coalesce(status, '') in ('planned', 'retry', 'unknown');
