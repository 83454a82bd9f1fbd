-- What many mails have in common once they have come stands once: the edition, the server that took it, the first words of
-- its answer, and the domain of the Message-ID. A row that has ended well names it by a number instead (store/sendings), and
-- has no next try. Rows of before stay as they are.
--
-- A row that is on its way has only the domain of its Message-ID as well, which a version before this one would send as it
-- is: it stops, as it does for any change.
create table sendings (
  id integer generated always as identity primary key,
  -- '' where there is none: a key does not compare what is null.
  edition text not null,
  server text not null,
  domain text not null,
  reply text not null,
  unique (edition, server, domain, reply)
);
alter table deliveries add column sending integer;
alter table deliveries alter column try_at drop not null;
comment on column deliveries.message_id is
  '@ and the domain; the part before is computed from enrollment_id, kind and item (src/store/message-id.ts).';
comment on column deliveries.edition is
  'Null where `sending` says it, as server, the domain of message_id and the beginning of reply do (src/store/sendings.ts).';
alter table deliveries_outstanding alter column try_at set not null;
