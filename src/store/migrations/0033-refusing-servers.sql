-- Servers that refused nearly all mails for good: halted until an operator has looked, or believed for a day once one has.
-- Until now these were rows among the paces, told by how their names began.
create table refusing_servers (
  name text primary key,
  halted_at timestamptz,
  refused integer,
  believed_at timestamptz,
  check ((halted_at is null) = (refused is null))
);
insert into refusing_servers (name, halted_at, refused)
  select substr(name, length('halted: ') + 1), slowed_at, per_minute from paces where starts_with(name, 'halted: ');
insert into refusing_servers (name, believed_at)
  select substr(name, length('believed: ') + 1), slowed_at from paces where starts_with(name, 'believed: ')
  on conflict (name) do update set believed_at = excluded.believed_at;
delete from paces where starts_with(name, 'halted: ') or starts_with(name, 'believed: ');
