-- Counting which links of lessons are followed: since when a reader agrees to it, which links of a mail were followed
-- (url and at only until they are counted, so that nothing then tells a time), and how often in all.
alter table enrollments add column clicks_since timestamptz;
alter table consents
  drop constraint consents_event_check,
  add constraint consents_event_check
    check (event in ('asked', 'confirmed', 'withdrawn', 'clicks', 'no-clicks'));

create table click_marks (
  delivery_id uuid not null references deliveries on delete cascade,
  link smallint not null,
  url text,
  at timestamptz,
  primary key (delivery_id, link),
  check ((url is null) = (at is null))
);
create index click_marks_at on click_marks (at) where at is not null;

create table lesson_clicks (
  series text not null,
  item text not null,
  url text not null,
  on_date date not null,
  count integer not null,
  primary key (series, item, url, on_date)
);
