-- The first mail after a pause that ended by itself says so.
alter table deliveries add column after_pause boolean not null default false;
