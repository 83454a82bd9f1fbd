-- Pictures and files that come with courses, by what names their content. They are compressed as they are.
create table media (
  hash text primary key,
  type text not null,
  bytes bytea not null,
  kept_at timestamptz not null
);
alter table media alter column bytes set storage external;
