-- Tells a database that was restored from a backup: `mark` only ever grows, and copies of it are kept outside. A copy that
-- is ahead, or a database in another `place` than the one that was noted, has a past that this database knows nothing of.
-- While `held_since` is set nothing leaves: what was due since `held_from` may have been sent.
create table lineage (
  one boolean primary key default true check (one),
  id uuid,
  place text,
  mark bigint not null default 0,
  marked_at timestamptz,
  held_since timestamptz,
  held_from timestamptz
);
insert into lineage default values;
