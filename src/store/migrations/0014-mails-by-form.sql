-- When each kind of mail that a form can cause was last sent to an address, by the keyed hash of the address: a row for a
-- kind and an address, so that whoever asks at the same moment meets the same row. Rows are of use for a day.
create table form_mails (
  kind text not null,
  address_hash bytea not null,
  asked_at timestamptz not null,
  primary key (kind, address_hash)
);
insert into form_mails (kind, address_hash, asked_at)
  select d.kind, s.address_hash, max(d.created_at)
  from deliveries d
  join enrollments e on e.id = d.enrollment_id
  join subscribers s on s.id = e.subscriber_id
  where d.kind in ('confirm', 'link', 'export', 'erase')
  group by d.kind, s.address_hash;

-- Who asked for a fresh link, kept until it is carried out: the page answers before anything is looked up.
create table link_requests (
  id uuid primary key,
  address_key text not null,
  asked_at timestamptz not null
);
