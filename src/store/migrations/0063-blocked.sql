-- Changes that are not published are called blocked everywhere else.
alter table held_changes rename to blocked_changes;
alter index held_changes_pkey rename to blocked_changes_pkey;
alter table held_articles rename to blocked_articles;
alter index held_articles_pkey rename to blocked_articles_pkey;
