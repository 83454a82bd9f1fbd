-- Articles as visitors read them, and what of their folder is not live. A removed one keeps its row: comments
-- name it by its id, the slug under which it was first published. `version` goes up with every change of any
-- of them, so that a process reads only what it has not seen.
create table articles (
  slug text primary key,
  id text not null,
  version bigint not null,
  digest text not null,
  file text not null,
  head jsonb not null,
  html text not null,
  text text not null,
  language text not null,
  terms text not null,
  nearest text[] not null default '{}',
  search tsvector not null,
  published_at timestamptz not null,
  updated_at timestamptz not null,
  removed_at timestamptz
);
create index articles_version on articles (version);
create index articles_search on articles using gin (search);

create table held_articles (
  slug text primary key,
  reason text not null,
  draft boolean not null,
  since timestamptz not null
);
