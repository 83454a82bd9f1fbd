-- A course that is being written is no change that is held back.
alter table held_changes add column draft boolean not null default false;

-- Lessons are known by their names in NFC, however the disk they came from spells an accent.
do $$ begin
  if getdatabaseencoding() = 'UTF8' then
    update deliveries d set item = normalize(item)
    where octet_length(item) <> length(item) and item is not nfc normalized
      and not exists (
        select 1 from deliveries other
        where other.enrollment_id = d.enrollment_id and other.kind = d.kind and other.item = normalize(d.item)
      );
    update practices p set item = normalize(item)
    where octet_length(item) <> length(item) and item is not nfc normalized
      and not exists (
        select 1 from practices other
        where other.enrollment_id = p.enrollment_id and other.item = normalize(p.item)
      );
  end if;
end $$;
