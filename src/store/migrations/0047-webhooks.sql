-- What the provider that took a mail calls it, as its webhooks do. Null with a server that is no provider's.
alter table deliveries add column provider_id text;

-- Signatures of webhooks that do not cover the body: each is good for the first body that it came with.
create table webhook_tokens (
  token bytea primary key,
  body bytea not null,
  until timestamptz not null
);
create index webhook_tokens_until on webhook_tokens (until);
