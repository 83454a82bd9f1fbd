-- "Open" meant four things. What is to be tried within its window has a try left; an enrollment that has not ended is
-- ongoing. Nothing is read or built for a new name.
alter index if exists deliveries_open rename to deliveries_try_left;
alter index if exists deliveries_held rename to deliveries_no_try_left;
alter index enrollments_one_open rename to enrollments_one_ongoing;
