-- A version before this one would take what is kept of a Message-ID for all of it: it stops, as it does for any change.
comment on column deliveries.message_id is
  'On its way: whole. Sent: @ and the domain; the part before is computed from enrollment_id, kind and item (src/store/message-id.ts).';
