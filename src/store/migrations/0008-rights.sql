-- `export` and `erase` bring the links by which somebody sees all that is known of them, or has it deleted. `erased`
-- keeps an address out, by its keyed hash, until its owner enrolls again.
alter table deliveries
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('confirm', 'welcome', 'lesson', 'inspiration', 'completion',
    'again', 'change', 'changed', 'link', 'export', 'erase')) not valid;
alter table suppressions
  drop constraint suppressions_reason_check,
  add constraint suppressions_reason_check check (reason in ('unsubscribe', 'bounce', 'complaint', 'manual', 'erased'));

-- Which version of the words somebody agreed to.
alter table consents add column version text not null default '1';
