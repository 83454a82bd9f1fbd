-- The list of suppressed addresses asks, for each, whether a subscriber still has it.
create index if not exists subscribers_address_hash on subscribers (address_hash);

-- What strangers may have us send on in a day is bounded by way and by size. Which way an answer came: `role`, or the SHA-256 of
-- the return path in hex; null: to neither.
alter table forwards
  add column came_to text,
  -- Of the mail as it came in, also when it is gone.
  add column bytes integer not null default 0;
