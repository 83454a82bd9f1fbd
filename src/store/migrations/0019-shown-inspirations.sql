-- Which inspiration a daily showed on which date. The text of a date follows from the daily's files, so it is written down
-- when they change: a link to a past date goes on showing what was shown on it.
create table shown_inspirations (
  series text not null,
  shown_on date not null,
  title text not null,
  html text not null,
  primary key (series, shown_on)
);
