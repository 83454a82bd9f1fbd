-- Answers that go in a mail of the morning: into which, and which of them the mail told. It is sent alone where that does not
-- leave.
alter table comment_mails
  add column merged_into uuid references deliveries on delete set null,
  add column told uuid[],
  drop constraint comment_mails_status_check,
  add constraint comment_mails_status_check
    check (status in ('planned', 'sending', 'sent', 'merged', 'retry', 'refused', 'expired', 'skipped', 'unknown'));
create index comment_mails_merged on comment_mails (merged_into) where merged_into is not null;
