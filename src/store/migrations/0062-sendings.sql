-- What many mails have in common once they have come stands once: the edition, the server that took it and the domain of
-- the Message-ID. A row that has ended well names it by a number instead (store/sendings), and has no next
-- try. Rows of before stay as they are.
create table sendings (
  id integer generated always as identity primary key,
  -- '' where there is none: a key does not compare what is null.
  edition text not null,
  server text not null,
  domain text not null,
  unique (edition, server, domain)
);
alter table deliveries add column sending integer;
alter table deliveries alter column try_at drop not null;
comment on column deliveries.edition is
  'Null where `sending` says it, as server and the domain of message_id do (src/store/sendings.ts).';
alter table deliveries_outstanding alter column try_at set not null;
