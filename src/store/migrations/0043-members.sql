-- A link by which somebody signs in comes by a mail of its own. All rows there are have one of the former kinds: not valid
-- spares reading the whole ledger to see that, and new rows are checked all the same.
alter table deliveries
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('confirm', 'welcome', 'lesson', 'inspiration', 'completion',
    'again', 'change', 'changed', 'link', 'export', 'erase', 'sign-in')) not valid;

-- Whoever has signed in once. `name_key` is the name as names are compared: no two of them look the same.
create table members (
  subscriber_id uuid primary key references subscribers on delete cascade,
  name text,
  name_key text unique,
  joined_at timestamptz not null,
  blocked_at timestamptz
);

-- Who asked to sign in, kept until it is carried out: the page answers before anything is looked up. `leads_to` is the page
-- of ours from where they came.
create table sign_in_requests (
  id uuid primary key,
  address_key text not null,
  leads_to text not null,
  asked_at timestamptz not null,
  not_before timestamptz
);

-- Links to sign in, each under the id of its mail. Of a token its SHA-256 is all that is kept. `epoch` is the subscriber's at
-- that time: once it has risen, their links and sessions are void.
create table sign_ins (
  id uuid primary key,
  subscriber_id uuid not null references subscribers on delete cascade,
  token_hash bytea not null unique,
  epoch integer not null,
  leads_to text not null,
  asked_at timestamptz not null,
  used_at timestamptz
);
create index sign_ins_subscriber on sign_ins (subscriber_id);

create table sessions (
  id_hash bytea primary key,
  subscriber_id uuid not null references subscribers on delete cascade,
  epoch integer not null,
  began_at timestamptz not null,
  seen_at timestamptz not null
);
create index sessions_subscriber on sessions (subscriber_id);
