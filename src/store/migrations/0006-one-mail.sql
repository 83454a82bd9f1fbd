-- An inspiration that goes with a lesson, in one mail: it points to the lesson's delivery, and is `merged` once that
-- has been sent.
alter table deliveries
  add column merged_into uuid,
  drop constraint deliveries_status_check,
  add constraint deliveries_status_check check (status in
    ('planned', 'sending', 'sent', 'merged', 'retry', 'bounced', 'refused', 'expired', 'skipped', 'unknown')),
  add constraint merged_into_a_delivery check (status <> 'merged' or merged_into is not null);
