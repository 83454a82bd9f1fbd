-- Servers and providers that asked for less mail, shared by all workers.
create table paces (
  name text primary key,
  per_minute integer not null check (per_minute > 0),
  slowed_at timestamptz not null
);
