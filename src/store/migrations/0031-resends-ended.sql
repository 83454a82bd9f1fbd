-- A delivery of unknown outcome whose reader has left meanwhile is never sent again by itself. Until now that was told by
-- 99 resends, more than any policy makes; how many there were is not known of these, and at most the five of `resend`.
alter table deliveries add column resends_ended boolean not null default false;
update deliveries set resends_ended = true, resends = 5 where status = 'unknown' and resends >= 99;
