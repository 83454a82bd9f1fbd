-- What each letter of new articles tells: their slugs, the newest first, and when the newest of them was
-- published. What comes after that is the next one's.
create table letters (
  delivery_id uuid primary key references deliveries on delete cascade,
  articles text[] not null,
  through timestamptz not null
);

alter table deliveries
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('confirm', 'welcome', 'lesson', 'inspiration', 'letter',
    'completion', 'again', 'change', 'changed', 'link', 'export', 'erase', 'sign-in')) not valid;
