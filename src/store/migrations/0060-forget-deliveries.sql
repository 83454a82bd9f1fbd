-- What hangs on the deliveries of an enrollment went by two statements of its own before they did: each of the three was
-- planned for every month of the ledger, which takes longer than to delete them.
create or replace function forget_deliveries() returns trigger language plpgsql as $$
begin
  with gone as (
    delete from deliveries where enrollment_id = old.id returning id
  ), of_letters as (
    delete from letters l using gone where l.delivery_id = gone.id
  )
  delete from click_marks m using gone where m.delivery_id = gone.id;
  return old;
end $$;
