-- Answers to the own fields of a course, by their names: as asked for, as they are now, and as a mail told them
-- at its first attempt; null there where it told none.
alter table requests add column fields jsonb not null default '{}';
alter table enrollments add column fields jsonb not null default '{}';
alter table deliveries add column fields jsonb;
