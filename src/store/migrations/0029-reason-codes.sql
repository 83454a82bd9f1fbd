-- What a delivery's reason says, where something is decided by it: `reason` is for people. No row has a code when the
-- constraint comes, so that the ledger need not be read for it: `not valid` asks only of what is written from now on.
alter table deliveries add column reason_code text;
alter table deliveries add constraint deliveries_reason_code_check
  check (reason_code in ('mailbox_disabled', 'not_composed', 'skipped_by_reader')) not valid;

-- What the words said until now, found by the indexes of what has ended (0025) and of what could not be composed (0022).
update deliveries set reason_code = 'mailbox_disabled'
  where coalesce(status, '') in ('bounced', 'refused', 'expired', 'skipped') and status = 'refused'
    and starts_with(reason, 'the mailbox is disabled: ');
update deliveries set reason_code = 'skipped_by_reader'
  where coalesce(status, '') in ('bounced', 'refused', 'expired', 'skipped') and status = 'skipped'
    and reason = 'skipped by the reader';
update deliveries set reason_code = 'not_composed'
  where reason like 'cannot be composed: %' and status in ('planned', 'retry', 'sending');
update deliveries set reason_code = 'not_composed'
  where reason like 'cannot be composed: %' and status = 'expired';

-- One index instead of the two by the words, which 0030 makes.
drop index if exists deliveries_uncomposed;
drop index if exists deliveries_uncomposed_waiting;
drop index deliveries_uncomposed_expired;
