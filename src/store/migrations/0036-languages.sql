-- In which language somebody is spoken to where nothing else tells: that of the page they enrolled by, or the one they chose.
-- Null for those who came before: as their series does.
alter table subscribers add column language text;
-- In which language somebody agreed, and to which version of its forms. Until now all forms were in English, and a process
-- of that time still writes to these tables while others are replaced.
alter table consents add column language text not null default 'en';
alter table requests add column language text not null default 'en';
alter table requests add column version text not null default '2';
