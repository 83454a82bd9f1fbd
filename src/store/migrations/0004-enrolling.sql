-- The signing keys that processes on this database have had, each by a keyed fingerprint. A process that has
-- none of them would sign links that the others refuse.
create table signing_keys (
  name text primary key,
  first_seen_at timestamptz not null
);
