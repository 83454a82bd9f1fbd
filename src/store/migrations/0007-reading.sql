-- Of 0006. What is made `if not exists` is built before, where others are at work (store/postgres/building).
create index if not exists deliveries_merged_into on deliveries (merged_into) where merged_into is not null;

-- What was sent, each text once, with slots for its reader: so that it can be read on the web as it was, and sent
-- again as it was. Holds nothing of a person.
create table editions (
  hash text primary key,
  subject text not null,
  html text not null,
  text text not null,
  kept_at timestamptz not null
);

-- The name a mail was written to: it stays when the person changes theirs.
alter table deliveries add column first_name text;

-- The practices that readers say they have done.
create table practices (
  enrollment_id uuid not null references enrollments on delete cascade,
  item text not null,
  done_at timestamptz not null,
  primary key (enrollment_id, item)
);
