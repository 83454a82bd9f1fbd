-- Which worker holds a delivery: only that one renews its lease.
alter table deliveries add column worker text;

-- A Message-ID is made from the delivery's id; an index on it costs every mail and serves no question.
drop index deliveries_message_id;

-- The enrollment's own reference to its subscriber is enough: it ends with them, and its deliveries with it.
alter table deliveries drop constraint deliveries_subscriber_id_fkey;
