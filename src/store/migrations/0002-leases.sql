-- Which worker holds a delivery: only that one renews its lease.
alter table deliveries add column worker text;

-- A Message-ID is made from the delivery's id; an index on it costs every mail and serves no question.
drop index deliveries_message_id;
