-- The list of suppressed addresses asks, for each, whether a subscriber still has it.
create index subscribers_address_hash on subscribers (address_hash);
