-- The signing keys that processes on this database have had, each by a keyed fingerprint. A process that has
-- none of them would sign links that the others refuse.
create table signing_keys (
  name text primary key,
  first_seen_at timestamptz not null
);

-- Requests to enroll as a form sent them, kept until they are carried out: the page answers before anything is
-- looked up, so that its answer tells nothing of the address.
create table requests (
  id uuid primary key,
  address text not null,
  address_key text not null,
  first_name text not null,
  series text[] not null,
  time_of_day text not null,
  zone text not null,
  weekdays smallint[] not null,
  wording text not null,
  source text not null,
  network text not null,
  asked_at timestamptz not null
);
