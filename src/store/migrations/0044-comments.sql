-- What members write under articles. A comment names an article by the slug under which it was first published.
create table comments (
  id uuid primary key,
  article text not null,
  -- Threads have one level: an answer to an answer joins the thread.
  parent_id uuid references comments (id) on delete cascade,
  subscriber_id uuid references subscribers (id) on delete set null,
  -- Markdown as it was entered; empty once it is deleted.
  text text not null,
  -- SHA-256 of its letters and digits: finds what was said before.
  folded bytea,
  status text not null check (status in ('waiting', 'published', 'rejected', 'deleted')),
  -- Why it waits, or waited.
  reason text check (reason in ('first', 'link', 'repeat', 'words')),
  -- Rises with every change of its text: a decision is about what was seen.
  version integer not null default 1,
  -- Of the form it came by: one that is sent twice makes one comment.
  nonce uuid,
  created_at timestamptz not null,
  edited_at timestamptz,
  published_at timestamptz,
  -- Nobody's words stay without their author.
  check (subscriber_id is not null or (status = 'deleted' and text = '' and folded is null))
);
create index comments_article on comments (article, created_at, id);
create index comments_answers on comments (parent_id, created_at);
create unique index comments_forms on comments (subscriber_id, nonce);
create index comments_subscriber on comments (subscriber_id, created_at);
create index comments_waiting on comments (created_at) where status = 'waiting';
create index comments_folded on comments (folded);

-- What was decided, by whom and when. It outlives the comment and its author, and names neither.
create table comment_decisions (
  id uuid primary key,
  comment_id uuid,
  subscriber_id uuid references subscribers (id) on delete set null,
  decision text not null check (decision in ('approve', 'reject', 'block', 'unblock')),
  -- 'command line', or the address of a moderator.
  decided_by text not null,
  reason text not null default '',
  decided_at timestamptz not null
);
create index comment_decisions_comment on comment_decisions (comment_id);
create index comment_decisions_subscriber on comment_decisions (subscriber_id) where decision = 'approve';

-- A text that was not taken, kept for a day so that its author has it when they are told why.
create table comment_drafts (
  subscriber_id uuid primary key references subscribers (id) on delete cascade,
  article text not null,
  form jsonb not null,
  kept_at timestamptz not null
);
create index comment_drafts_kept on comment_drafts (kept_at);

-- Who wants to be mailed when somebody answers: a row is a wish. Up to `told` they know; `news` is when the first answer was
-- published that they were not told.
create table comment_answers (
  subscriber_id uuid primary key references subscribers (id) on delete cascade,
  since timestamptz not null,
  told timestamptz not null,
  news timestamptz
);
create index comment_answers_news on comment_answers (news) where news is not null;

-- The mails about comments, each a row before it is sent: one a day of a kind and an address.
create table comment_mails (
  id uuid primary key,
  kind text not null check (kind in ('moderation', 'answers')),
  -- Whose answers; null for a moderator, who is an address in dawnpost.yaml.
  subscriber_id uuid references subscribers (id) on delete cascade,
  address_hash bytea not null,
  on_date date not null,
  -- It tells of what was there by then.
  due_at timestamptz not null,
  until timestamptz not null,
  status text not null default 'planned'
    check (status in ('planned', 'sending', 'sent', 'retry', 'refused', 'expired', 'skipped', 'unknown')),
  reason text,
  attempts integer not null default 0,
  try_at timestamptz not null,
  lease_until timestamptz,
  worker text,
  message_id text,
  first_tried_at timestamptz,
  sent_at timestamptz,
  created_at timestamptz not null,
  unique (kind, address_hash, on_date)
);
create index comment_mails_open on comment_mails (try_at) where status in ('planned', 'retry');
create index comment_mails_leases on comment_mails (lease_until) where status = 'sending';
create index comment_mails_subscriber on comment_mails (subscriber_id);
