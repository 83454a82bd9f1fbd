-- The courses as readers get them: their files, so that every process sends the same, and that a folder which is
-- broken or half saved takes nothing away.
create table courses (
  slug text primary key,
  version integer not null,
  digest text not null,
  files jsonb not null,
  live_since timestamptz not null
);

-- What was live earlier, so that an old copy of a folder is not taken for news.
create table former_courses (
  slug text not null,
  digest text not null,
  primary key (slug, digest)
);

-- Changes in a folder that have not been taken up, and why.
create table held_changes (
  slug text primary key,
  digest text not null,
  reason text not null,
  since timestamptz not null
);

-- Which lesson comes next follows from the course and from what the ledger says a reader has had.
alter table enrollments drop column next_day;
