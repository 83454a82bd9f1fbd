-- Addresses are folded in the C collation, as the program folds them: a database in Turkish made another key of one
-- with an I in it when it took changes of address over.
update address_changes set to_key = lower(to_address collate "C")
  where to_key <> lower(to_address collate "C") and octet_length(to_address) = length(to_address);
delete from address_changes where to_key = from_key;

-- Few deliveries have a recipient of their own, and whoever is erased must not be looked for in all the others.
create index if not exists deliveries_recipient on deliveries (lower(recipient collate "C")) where recipient is not null;
