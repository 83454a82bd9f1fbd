-- Whose a delivery is stands in its enrollment. A column that says it again, and an index on it, were written three times
-- for every mail: planned, claimed, sent.
alter table deliveries drop column subscriber_id;
