-- The mails of a series of the last days, without its history: guard rails count them, once a minute while there is
-- something to weigh. Neither column ever changes.
create index deliveries_series on deliveries (series, id);
