-- The tables as the migrations leave them, by `npm run schema`. To change one, add a migration.

create table address_changes (
  id uuid not null,
  subscriber_id uuid not null,
  from_address text not null,
  from_key text not null,
  from_since timestamp with time zone,
  to_address text not null,
  to_key text not null,
  epoch integer not null,
  turn bigint not null generated as identity,
  mailed_at timestamp with time zone not null,
  asked_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  undone_at timestamp with time zone,
  PRIMARY KEY (id),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX address_changes_asked ON address_changes USING btree (asked_at);
CREATE INDEX address_changes_from ON address_changes USING btree (from_key);
CREATE INDEX address_changes_subscriber ON address_changes USING btree (subscriber_id);
CREATE INDEX address_changes_to ON address_changes USING btree (to_key);

create table articles (
  slug text not null,
  id text not null,
  version bigint not null,
  digest text not null,
  file text not null,
  head jsonb not null,
  html text not null,
  text text not null,
  language text not null,
  terms text not null,
  nearest text[] not null default '{}'::text[],
  search tsvector not null,
  published_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  PRIMARY KEY (slug)
);
CREATE INDEX articles_search ON articles USING gin (search);
CREATE INDEX articles_version ON articles USING btree (version);

create table blocked_articles (
  slug text not null,
  reason text not null,
  draft boolean not null,
  since timestamp with time zone not null,
  PRIMARY KEY (slug)
);

create table blocked_changes (
  slug text not null,
  digest text not null,
  reason text not null,
  since timestamp with time zone not null,
  draft boolean not null default false,
  base text,
  compared_at timestamp with time zone,
  PRIMARY KEY (slug)
);

create table click_marks (
  delivery_id uuid not null,
  link smallint not null,
  url text,
  at timestamp with time zone,
  PRIMARY KEY (delivery_id, link),
  CHECK (((url IS NULL) = (at IS NULL)))
);
CREATE INDEX click_marks_at ON click_marks USING btree (at) WHERE (at IS NOT NULL);

create table comment_answers (
  subscriber_id uuid not null,
  since timestamp with time zone not null,
  told timestamp with time zone not null,
  news timestamp with time zone,
  PRIMARY KEY (subscriber_id),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX comment_answers_news ON comment_answers USING btree (news) WHERE (news IS NOT NULL);

create table comment_decisions (
  id uuid not null,
  comment_id uuid,
  subscriber_id uuid,
  decision text not null,
  decided_by text not null,
  reason text not null default ''::text,
  decided_at timestamp with time zone not null,
  PRIMARY KEY (id),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE SET NULL,
  CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text, 'block'::text, 'unblock'::text])))
);
CREATE INDEX comment_decisions_comment ON comment_decisions USING btree (comment_id);
CREATE INDEX comment_decisions_subscriber ON comment_decisions USING btree (subscriber_id) WHERE (decision = 'approve'::text);

create table comment_drafts (
  subscriber_id uuid not null,
  article text not null,
  form jsonb not null,
  kept_at timestamp with time zone not null,
  PRIMARY KEY (subscriber_id),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX comment_drafts_kept ON comment_drafts USING btree (kept_at);

create table comment_mails (
  id uuid not null,
  kind text not null,
  subscriber_id uuid,
  address_hash bytea not null,
  on_date date not null,
  due_at timestamp with time zone not null,
  until timestamp with time zone not null,
  status text not null default 'planned'::text,
  reason text,
  attempts integer not null default 0,
  try_at timestamp with time zone not null,
  lease_until timestamp with time zone,
  worker text,
  message_id text,
  first_tried_at timestamp with time zone,
  sent_at timestamp with time zone,
  created_at timestamp with time zone not null,
  merged_into uuid,
  told uuid[],
  PRIMARY KEY (id),
  UNIQUE (kind, address_hash, on_date),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE,
  CHECK ((kind = ANY (ARRAY['moderation'::text, 'answers'::text]))),
  CHECK ((status = ANY (ARRAY['planned'::text, 'sending'::text, 'sent'::text, 'merged'::text, 'retry'::text, 'refused'::text, 'expired'::text, 'skipped'::text, 'unknown'::text])))
);
CREATE INDEX comment_mails_leases ON comment_mails USING btree (lease_until) WHERE (status = 'sending'::text);
CREATE INDEX comment_mails_merged ON comment_mails USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX comment_mails_open ON comment_mails USING btree (try_at) WHERE (status = ANY (ARRAY['planned'::text, 'retry'::text]));
CREATE INDEX comment_mails_subscriber ON comment_mails USING btree (subscriber_id);

create table comments (
  id uuid not null,
  article text not null,
  parent_id uuid,
  subscriber_id uuid,
  text text not null,
  folded bytea,
  status text not null,
  reason text,
  version integer not null default 1,
  nonce uuid,
  created_at timestamp with time zone not null,
  edited_at timestamp with time zone,
  published_at timestamp with time zone,
  PRIMARY KEY (id),
  FOREIGN KEY (parent_id) REFERENCES comments(id) ON DELETE CASCADE,
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE SET NULL,
  CHECK (((subscriber_id IS NOT NULL) OR ((status = 'deleted'::text) AND (text = ''::text) AND (folded IS NULL)))),
  CHECK ((reason = ANY (ARRAY['first'::text, 'link'::text, 'repeat'::text, 'words'::text]))),
  CHECK ((status = ANY (ARRAY['waiting'::text, 'published'::text, 'rejected'::text, 'deleted'::text])))
);
CREATE INDEX comments_answers ON comments USING btree (parent_id, created_at);
CREATE INDEX comments_article ON comments USING btree (article, created_at, id);
CREATE INDEX comments_folded ON comments USING btree (folded);
CREATE INDEX comments_subscriber ON comments USING btree (subscriber_id, created_at);
CREATE INDEX comments_waiting ON comments USING btree (created_at) WHERE (status = 'waiting'::text);
CREATE UNIQUE INDEX comments_forms ON comments USING btree (subscriber_id, nonce);

create table consents (
  id bigint not null generated as identity,
  enrollment_id uuid not null,
  event text not null,
  wording text not null,
  source text not null,
  network text not null,
  at timestamp with time zone not null,
  version text not null default '1'::text,
  language text not null default 'en'::text,
  PRIMARY KEY (id),
  FOREIGN KEY (enrollment_id) REFERENCES enrollments(id) ON DELETE CASCADE,
  CHECK ((event = ANY (ARRAY['asked'::text, 'confirmed'::text, 'withdrawn'::text, 'clicks'::text, 'no-clicks'::text])))
);
CREATE INDEX consents_enrollment ON consents USING btree (enrollment_id);

CREATE OR REPLACE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'rows of % are never changed', tg_table_name;
end $function$;
CREATE TRIGGER consents_append_only BEFORE UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION refuse_change();

create table courses (
  slug text not null,
  version integer not null,
  digest text not null,
  files jsonb not null,
  live_since timestamp with time zone not null,
  settled boolean not null default true,
  PRIMARY KEY (slug)
);

create table deliveries_before partition of deliveries_ended (
  PRIMARY KEY (id),
  UNIQUE (enrollment_id, kind, item),
  CHECK (((NOT held) OR (try_at >= until))) NOT VALID,
  CHECK (((status <> 'merged'::text) OR (merged_into IS NOT NULL))),
  CHECK ((kind = ANY (ARRAY['confirm'::text, 'welcome'::text, 'lesson'::text, 'inspiration'::text, 'letter'::text, 'completion'::text, 'again'::text, 'change'::text, 'changed'::text, 'link'::text, 'export'::text, 'erase'::text, 'sign-in'::text]))) NOT VALID,
  CHECK ((reason_code = ANY (ARRAY['mailbox_disabled'::text, 'not_composed'::text, 'skipped_by_reader'::text]))) NOT VALID,
  CHECK ((status = ANY (ARRAY['planned'::text, 'sending'::text, 'sent'::text, 'merged'::text, 'retry'::text, 'bounced'::text, 'refused'::text, 'expired'::text, 'skipped'::text, 'unknown'::text])))
) FOR VALUES IN ('0', '1', '2');
CREATE INDEX deliveries_before_ended ON deliveries_before USING btree (status) WHERE (COALESCE(status, ''::text) = ANY (ARRAY['bounced'::text, 'refused'::text, 'expired'::text, 'skipped'::text]));
CREATE INDEX deliveries_before_merged_into ON deliveries_before USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX deliveries_before_provider_id ON deliveries_before USING btree (provider_id) WHERE (provider_id IS NOT NULL);
CREATE INDEX deliveries_before_recipient ON deliveries_before USING btree (lower((recipient COLLATE "C"))) WHERE (recipient IS NOT NULL);
CREATE INDEX deliveries_before_uncomposed ON deliveries_before USING btree (status, series, until) WHERE (reason_code = 'not_composed'::text);

create table deliveries_ended partition of ledger FOR VALUES IN ('sent', 'merged', 'bounced', 'refused', 'expired', 'skipped') partition by LIST (retention);

create table deliveries_kept partition of deliveries_ended (
  CHECK ((reason_code = ANY (ARRAY['mailbox_disabled'::text, 'not_composed'::text, 'skipped_by_reader'::text])))
) FOR VALUES IN ('3') partition by RANGE (enrollment_id);
CREATE INDEX deliveries_kept_id ON ONLY deliveries_kept USING btree (id);
CREATE INDEX deliveries_kept_merged_into ON ONLY deliveries_kept USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX deliveries_kept_provider_id ON ONLY deliveries_kept USING btree (provider_id) WHERE (provider_id IS NOT NULL);
CREATE INDEX deliveries_kept_rare ON ONLY deliveries_kept USING btree (status) WHERE (status <> ALL (ARRAY['sent'::text, 'merged'::text]));
CREATE INDEX deliveries_kept_recipient ON ONLY deliveries_kept USING btree (lower((recipient COLLATE "C"))) WHERE (recipient IS NOT NULL);
CREATE INDEX deliveries_kept_skipped ON ONLY deliveries_kept USING btree (enrollment_id, item_id) WHERE (status = 'skipped'::text);
CREATE INDEX deliveries_kept_uncomposed ON ONLY deliveries_kept USING btree (series, until) WHERE (reason_code = 'not_composed'::text);
CREATE UNIQUE INDEX deliveries_kept_key ON ONLY deliveries_kept USING btree (enrollment_id, item_id) INCLUDE (local_date);
CREATE UNIQUE INDEX deliveries_kept_own_item ON ONLY deliveries_kept USING btree (enrollment_id, kind, item) WHERE (item_id IS NULL);

create table deliveries_kept_other partition of deliveries_kept DEFAULT;

create table deliveries_outstanding partition of ledger (
  PRIMARY KEY (id),
  UNIQUE (enrollment_id, kind, item),
  FOREIGN KEY (enrollment_id) REFERENCES enrollments(id) ON DELETE CASCADE,
  CHECK (((NOT held) OR (try_at >= until))),
  CHECK ((kind = ANY (ARRAY['confirm'::text, 'welcome'::text, 'lesson'::text, 'inspiration'::text, 'letter'::text, 'completion'::text, 'again'::text, 'change'::text, 'changed'::text, 'link'::text, 'export'::text, 'erase'::text, 'sign-in'::text]))),
  CHECK ((reason_code = ANY (ARRAY['mailbox_disabled'::text, 'not_composed'::text, 'skipped_by_reader'::text])))
) FOR VALUES IN ('planned', 'retry', 'sending', 'unknown');
CREATE INDEX deliveries_outstanding_due_others ON deliveries_outstanding USING btree (due_at) WHERE ((try_at < until) AND (tries IS NULL) AND (kind <> 'lesson'::text));
CREATE INDEX deliveries_outstanding_failed_lessons ON deliveries_outstanding USING btree (due_at) WHERE ((try_at < until) AND (tries IS NOT NULL) AND (kind = 'lesson'::text));
CREATE INDEX deliveries_outstanding_failed_others ON deliveries_outstanding USING btree (due_at) WHERE ((try_at < until) AND (tries IS NOT NULL) AND (kind <> 'lesson'::text));
CREATE INDEX deliveries_outstanding_lost ON deliveries_outstanding USING btree (resends, due_at) WHERE (lost_at IS NOT NULL);
CREATE INDEX deliveries_outstanding_merged_into ON deliveries_outstanding USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX deliveries_outstanding_no_try_left ON deliveries_outstanding USING btree (kind, until) WHERE (try_at >= until);
CREATE INDEX deliveries_outstanding_recipient ON deliveries_outstanding USING btree (lower((recipient COLLATE "C"))) WHERE (recipient IS NOT NULL);
CREATE INDEX deliveries_outstanding_try_left ON deliveries_outstanding USING btree (until, id) WHERE (try_at < until);
CREATE INDEX deliveries_outstanding_uncomposed ON deliveries_outstanding USING btree (series, until) WHERE (reason_code = 'not_composed'::text);
CREATE INDEX deliveries_outstanding_unqueued ON deliveries_outstanding USING btree (try_at) WHERE ((try_at < until) AND (queued_at IS NULL) AND (merged_into IS NULL));
CREATE UNIQUE INDEX deliveries_outstanding_one_asked_a_date ON deliveries_outstanding USING btree (enrollment_id, local_date) WHERE asked;
CREATE UNIQUE INDEX deliveries_outstanding_one_lesson_a_date ON deliveries_outstanding USING btree (enrollment_id, local_date) WHERE ((kind = 'lesson'::text) AND (NOT asked));

create table deliveries_passing partition of deliveries_ended (
  CHECK ((reason_code = ANY (ARRAY['mailbox_disabled'::text, 'not_composed'::text, 'skipped_by_reader'::text])))
) FOR VALUES IN ('4') partition by RANGE (local_date);
CREATE INDEX deliveries_passing_id ON ONLY deliveries_passing USING btree (id);
CREATE INDEX deliveries_passing_merged_into ON ONLY deliveries_passing USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX deliveries_passing_provider_id ON ONLY deliveries_passing USING btree (provider_id) WHERE (provider_id IS NOT NULL);
CREATE INDEX deliveries_passing_rare ON ONLY deliveries_passing USING btree (status) WHERE (status <> ALL (ARRAY['sent'::text, 'merged'::text]));
CREATE INDEX deliveries_passing_recipient ON ONLY deliveries_passing USING btree (lower((recipient COLLATE "C"))) WHERE (recipient IS NOT NULL);
CREATE INDEX deliveries_passing_uncomposed ON ONLY deliveries_passing USING btree (series, until) WHERE (reason_code = 'not_composed'::text);
CREATE UNIQUE INDEX deliveries_passing_key ON ONLY deliveries_passing USING btree (enrollment_id, item_id, local_date);
CREATE UNIQUE INDEX deliveries_passing_own_item ON ONLY deliveries_passing USING btree (enrollment_id, kind, item, local_date) WHERE (item_id IS NULL);

create table deliveries_passing_other partition of deliveries_passing DEFAULT;

create table due (
  series text not null,
  at timestamp with time zone not null,
  enrollment_id uuid not null,
  PRIMARY KEY (series, at, enrollment_id)
);

create table editions (
  hash text not null,
  subject text not null,
  html text not null,
  text text not null,
  kept_at timestamp with time zone not null,
  PRIMARY KEY (hash)
);

create table enrollments (
  id uuid not null,
  subscriber_id uuid not null,
  series text not null,
  status text not null,
  time_of_day text not null,
  zone text not null,
  weekdays smallint[] not null,
  due_on date,
  due_at timestamp with time zone,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  ended_at timestamp with time zone,
  every_other boolean not null default false,
  quiet_from date,
  quiet_to date,
  paused_at timestamp with time zone,
  paused_until date,
  starts_on date,
  fields jsonb not null default '{}'::jsonb,
  clicks_since timestamp with time zone,
  PRIMARY KEY (id),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE,
  CHECK ((((due_on IS NOT NULL) = (status = 'active'::text)) AND ((due_at IS NULL) OR ((status = 'active'::text) AND ((paused_at IS NULL) OR (paused_until IS NOT NULL)))))) NOT VALID,
  CHECK ((((quiet_from IS NULL) = (quiet_to IS NULL)) AND (quiet_from <= quiet_to))),
  CHECK (((paused_at IS NULL) OR (status = 'active'::text))),
  CHECK (((paused_until IS NULL) OR (paused_at IS NOT NULL))),
  CHECK ((cardinality(weekdays) > 0)),
  CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'completed'::text, 'left'::text, 'stopped'::text, 'restarted'::text]))),
  CHECK ((time_of_day ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text))
);
CREATE INDEX enrollments_pending ON enrollments USING btree (created_at) WHERE (status = 'pending'::text);
CREATE INDEX enrollments_subscriber ON enrollments USING btree (subscriber_id);
CREATE UNIQUE INDEX enrollments_one_ongoing ON enrollments USING btree (subscriber_id, series) WHERE (status = ANY (ARRAY['pending'::text, 'active'::text]));

CREATE OR REPLACE FUNCTION forget_deliveries()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  with gone as (
    delete from ledger where enrollment_id = old.id returning id
  ), of_letters as (
    delete from letters l using gone where l.delivery_id = gone.id
  )
  delete from click_marks m using gone where m.delivery_id = gone.id;
  return old;
end $function$;
CREATE TRIGGER forget_deliveries BEFORE DELETE ON enrollments FOR EACH ROW EXECUTE FUNCTION forget_deliveries();

CREATE OR REPLACE FUNCTION keep_due()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  if tg_op = 'TRUNCATE' then
    delete from due;
    return null;
  end if;
  if tg_op <> 'INSERT' then
    delete from due using old_rows w
    where w.status = 'active' and due.series = w.series and due.at = coalesce(w.due_at, 'infinity') and due.enrollment_id = w.id;
  end if;
  if tg_op <> 'DELETE' then
    insert into due (series, at, enrollment_id)
    select series, coalesce(due_at, 'infinity'), id from new_rows where status = 'active';
  end if;
  return null;
end $function$;
CREATE TRIGGER keep_due AFTER UPDATE ON enrollments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_due();
CREATE TRIGGER keep_due_of_gone AFTER DELETE ON enrollments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_due();
CREATE TRIGGER keep_due_of_new AFTER INSERT ON enrollments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_due();
CREATE TRIGGER keep_due_of_none AFTER TRUNCATE ON enrollments FOR EACH STATEMENT EXECUTE FUNCTION keep_due();

create table form_mails (
  kind text not null,
  address_hash bytea not null,
  asked_at timestamp with time zone not null,
  PRIMARY KEY (kind, address_hash)
);

create table former_courses (
  slug text not null,
  digest text not null,
  PRIMARY KEY (slug, digest)
);

create table forwards (
  id uuid not null,
  digest bytea not null,
  raw bytea,
  status text not null default 'waiting'::text,
  reason text,
  attempts integer not null default 0,
  try_at timestamp with time zone not null,
  lease_until timestamp with time zone,
  worker text,
  message_id text,
  first_tried_at timestamp with time zone,
  sent_at timestamp with time zone,
  received_at timestamp with time zone not null,
  came_to text,
  bytes integer not null default 0,
  PRIMARY KEY (id),
  UNIQUE (digest),
  CHECK (((raw IS NULL) = (status = 'sent'::text))),
  CHECK ((octet_length(raw) <= 1048576)),
  CHECK ((status = ANY (ARRAY['waiting'::text, 'sending'::text, 'sent'::text, 'failed'::text])))
);
CREATE INDEX forwards_received ON forwards USING btree (received_at);
CREATE INDEX forwards_waiting ON forwards USING btree (try_at) WHERE (status = ANY (ARRAY['waiting'::text, 'sending'::text]));

create table ledger (
  id uuid not null,
  enrollment_id uuid not null,
  merged_into uuid,
  due_at timestamp with time zone not null,
  until timestamp with time zone,
  try_at timestamp with time zone,
  created_at timestamp with time zone,
  queued_at timestamp with time zone,
  lost_at timestamp with time zone,
  local_date date not null,
  day integer,
  retention smallint not null default 3,
  asked boolean not null default false,
  after_pause boolean not null default false,
  held boolean not null default false,
  resends_ended boolean not null default false,
  kind text,
  series text,
  item text,
  recipient text,
  recipient_hash bytea,
  reason text,
  reason_code text,
  tries text[],
  edition text,
  server text,
  reply text,
  provider_id text,
  sent_at timestamp with time zone,
  first_tried_at timestamp with time zone,
  attempts integer not null default 0,
  resends integer not null default 0,
  epoch integer,
  status text not null default 'planned'::text,
  message_id text,
  worker text,
  first_name text,
  fields jsonb,
  sending integer,
  item_id integer
) partition by LIST (status);

create table ledger_items (
  id integer not null generated as identity,
  series text not null,
  kind text not null,
  item text not null,
  PRIMARY KEY (id),
  UNIQUE (series, kind, item)
);

create table lesson_clicks (
  series text not null,
  item text not null,
  url text not null,
  on_date date not null,
  count integer not null,
  PRIMARY KEY (series, item, url, on_date)
);

create table letters (
  delivery_id uuid not null,
  articles text[] not null,
  through timestamp with time zone not null,
  PRIMARY KEY (delivery_id)
);

create table lineage (
  one boolean not null default true,
  id uuid,
  place text,
  mark bigint not null default 0,
  marked_at timestamp with time zone,
  held_since timestamp with time zone,
  held_from timestamp with time zone,
  PRIMARY KEY (one),
  CHECK (one)
);

create table link_requests (
  id uuid not null,
  address_key text not null,
  asked_at timestamp with time zone not null,
  not_before timestamp with time zone,
  PRIMARY KEY (id)
);
CREATE INDEX link_requests_address ON link_requests USING btree (address_key);
CREATE INDEX link_requests_not_before ON link_requests USING btree (not_before) WHERE (not_before IS NOT NULL);

create table media (
  hash text not null,
  type text not null,
  bytes bytea not null,
  kept_at timestamp with time zone not null,
  PRIMARY KEY (hash)
);

create table members (
  subscriber_id uuid not null,
  name text,
  name_key text,
  joined_at timestamp with time zone not null,
  blocked_at timestamp with time zone,
  PRIMARY KEY (subscriber_id),
  UNIQUE (name_key),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);

create table notices (
  name text not null,
  since timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  PRIMARY KEY (name)
);

create table outbox (
  id bigint not null generated as identity,
  message_id text not null,
  recipient text not null,
  subject text not null,
  raw bytea not null,
  caught_at timestamp with time zone not null,
  PRIMARY KEY (id)
);
CREATE INDEX outbox_recipient ON outbox USING btree (lower((recipient COLLATE "C")));

create table paces (
  name text not null,
  per_minute integer not null,
  slowed_at timestamp with time zone not null,
  PRIMARY KEY (name),
  CHECK ((per_minute > 0))
);

create table paused_series (
  series text not null,
  since timestamp with time zone,
  reason text,
  evidence jsonb,
  is_told boolean not null default false,
  mailed_at timestamp with time zone,
  resumed_at timestamp with time zone,
  warned_at timestamp with time zone,
  warned jsonb,
  PRIMARY KEY (series),
  CHECK (((since IS NULL) = (reason IS NULL))),
  CHECK ((reason = ANY (ARRAY['complaints'::text, 'bounces'::text, 'sender'::text, 'operator'::text])))
);

create table practices (
  enrollment_id uuid not null,
  item text not null,
  done_at timestamp with time zone not null,
  PRIMARY KEY (enrollment_id, item),
  FOREIGN KEY (enrollment_id) REFERENCES enrollments(id) ON DELETE CASCADE
);

create table processes (
  name text not null,
  plans boolean not null,
  started_at timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  planned_at timestamp with time zone,
  sending_at timestamp with time zone,
  accepted_at timestamp with time zone,
  servers jsonb not null default '{}'::jsonb,
  metrics jsonb not null default '[]'::jsonb,
  PRIMARY KEY (name)
);

create table rate_limits (
  key character varying(255) not null,
  points integer not null default 0,
  expire bigint,
  PRIMARY KEY (key)
);
CREATE INDEX rate_limits_expire ON rate_limits USING btree (expire);

create table receiver_reports (
  id uuid not null,
  kind text not null,
  org text not null,
  report_id text not null,
  domain text not null,
  begins_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  good bigint not null,
  bad bigint not null,
  detail jsonb not null,
  received_at timestamp with time zone not null,
  PRIMARY KEY (id),
  UNIQUE (kind, org, report_id),
  CHECK ((kind = ANY (ARRAY['tls'::text, 'dmarc'::text])))
);
CREATE INDEX receiver_reports_received ON receiver_reports USING btree (received_at);

create table receivers (
  name text not null,
  worker text not null,
  lease_until timestamp with time zone not null,
  PRIMARY KEY (name)
);

create table refusing_servers (
  name text not null,
  halted_at timestamp with time zone,
  refused integer,
  believed_at timestamp with time zone,
  PRIMARY KEY (name),
  CHECK (((halted_at IS NULL) = (refused IS NULL)))
);

create table reports (
  id uuid not null,
  digest bytea not null,
  place smallint not null,
  kind text not null,
  class text,
  reason text not null,
  source text not null,
  delivery_id uuid,
  series text,
  address_hash bytea,
  status text,
  diagnostic text not null,
  reported_by text,
  mailed_at timestamp with time zone,
  received_at timestamp with time zone not null,
  PRIMARY KEY (id),
  UNIQUE (digest, place),
  CHECK (((kind = 'bounce'::text) = (class IS NOT NULL))),
  CHECK ((class = ANY (ARRAY['hard'::text, 'disabled'::text, 'soft'::text, 'block'::text, 'sender'::text, 'message'::text]))),
  CHECK ((kind = ANY (ARRAY['bounce'::text, 'complaint'::text, 'not_spam'::text, 'unsubscribe'::text])))
);
CREATE INDEX reports_address ON reports USING btree (address_hash, received_at);
CREATE INDEX reports_delivery ON reports USING btree (delivery_id);
CREATE INDEX reports_received ON reports USING btree (received_at);

create table requests (
  id uuid not null,
  address text not null,
  address_key text not null,
  first_name text not null,
  series text[] not null,
  time_of_day text not null,
  zone text not null,
  weekdays smallint[] not null,
  wording text not null,
  source text not null,
  network text not null,
  asked_at timestamp with time zone not null,
  not_before timestamp with time zone,
  language text not null default 'en'::text,
  version text not null default '2'::text,
  fields jsonb not null default '{}'::jsonb,
  PRIMARY KEY (id)
);
CREATE INDEX requests_address ON requests USING btree (address_key);
CREATE INDEX requests_not_before ON requests USING btree (not_before) WHERE (not_before IS NOT NULL);

create table sandbox_clock (
  one boolean not null default true,
  ahead_ms bigint not null default 0,
  PRIMARY KEY (one),
  CHECK (one)
);

create table sender_faults (
  delivery_id uuid not null,
  address_hash bytea not null,
  fault text not null,
  said text not null,
  at timestamp with time zone not null,
  PRIMARY KEY (delivery_id)
);
CREATE INDEX sender_faults_at ON sender_faults USING btree (at);

create table sendings (
  id integer not null generated as identity,
  edition text not null,
  server text not null,
  domain text not null,
  reply text not null,
  PRIMARY KEY (id),
  UNIQUE (edition, server, domain, reply)
);

create table sent_counts (
  series text not null,
  minute timestamp with time zone not null,
  mails integer not null,
  PRIMARY KEY (series, minute)
);

create table sessions (
  id_hash bytea not null,
  subscriber_id uuid not null,
  epoch integer not null,
  began_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  PRIMARY KEY (id_hash),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX sessions_subscriber ON sessions USING btree (subscriber_id);

create table set_aside (
  enrollment_id uuid not null,
  due_at timestamp with time zone not null,
  reason text not null,
  since timestamp with time zone not null,
  try_at timestamp with time zone not null,
  PRIMARY KEY (enrollment_id),
  FOREIGN KEY (enrollment_id) REFERENCES enrollments(id) ON DELETE CASCADE
);

create table shown_inspirations (
  series text not null,
  shown_on date not null,
  title text not null,
  html text not null,
  PRIMARY KEY (series, shown_on)
);

create table sign_in_requests (
  id uuid not null,
  address_key text not null,
  leads_to text not null,
  asked_at timestamp with time zone not null,
  not_before timestamp with time zone,
  PRIMARY KEY (id)
);

create table sign_ins (
  id uuid not null,
  subscriber_id uuid not null,
  token_hash bytea not null,
  epoch integer not null,
  leads_to text not null,
  asked_at timestamp with time zone not null,
  used_at timestamp with time zone,
  PRIMARY KEY (id),
  UNIQUE (token_hash),
  FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX sign_ins_subscriber ON sign_ins USING btree (subscriber_id);

create table signing_keys (
  name text not null,
  first_seen_at timestamp with time zone not null,
  PRIMARY KEY (name)
);

create table subscribers (
  id uuid not null,
  address text not null,
  address_key text not null,
  address_hash bytea not null,
  first_name text not null,
  created_at timestamp with time zone not null,
  epoch integer not null default 0,
  address_since timestamp with time zone,
  language text,
  PRIMARY KEY (id),
  UNIQUE (address_key)
);
CREATE INDEX subscribers_address_hash ON subscribers USING btree (address_hash);

create table suppression_changes (
  id bigint not null generated as identity,
  address_hash bytea not null,
  reason text not null,
  change text not null,
  source text not null,
  report_id uuid,
  note text,
  at timestamp with time zone not null,
  PRIMARY KEY (id),
  CHECK ((change = ANY (ARRAY['added'::text, 'lifted'::text])))
);
CREATE INDEX suppression_changes_address ON suppression_changes USING btree (address_hash);

create table suppressions (
  address_hash bytea not null,
  reason text not null,
  created_at timestamp with time zone not null,
  source text,
  report_id uuid,
  note text,
  PRIMARY KEY (address_hash, reason),
  CHECK ((reason = ANY (ARRAY['unsubscribe'::text, 'bounce'::text, 'soft_bounce'::text, 'complaint'::text, 'provider'::text, 'manual'::text, 'erased'::text])))
);
CREATE INDEX suppressions_since ON suppressions USING btree (created_at);

create table webhook_tokens (
  token bytea not null,
  body bytea not null,
  until timestamp with time zone not null,
  PRIMARY KEY (token)
);
CREATE INDEX webhook_tokens_until ON webhook_tokens USING btree (until);

create table workers (
  name text not null,
  lease_until timestamp with time zone not null,
  PRIMARY KEY (name)
);

create table write_checks (
  page text not null
);

create view deliveries as
SELECT d.id,
    d.enrollment_id,
    d.merged_into,
    d.due_at,
    COALESCE(d.until, d.due_at) AS until,
    d.try_at,
    COALESCE(d.created_at, to_timestamp((((((('x'::text || substr(replace((d.id)::text, '-'::text, ''::text), 1, 12)))::bit(48))::bigint)::numeric / 1000.0))::double precision)) AS created_at,
    d.queued_at,
    d.lost_at,
    d.local_date,
    d.day,
    d.retention,
    d.asked,
    d.after_pause,
    d.held,
    d.resends_ended,
    COALESCE(d.kind, i.kind) AS kind,
    COALESCE(d.series, i.series) AS series,
    COALESCE(d.item, i.item) AS item,
    d.item_id,
    d.recipient,
    d.recipient_hash,
    d.reason,
    d.reason_code,
    d.tries,
    d.edition,
    d.server,
    d.reply,
    d.provider_id,
    d.sent_at,
    COALESCE(d.first_tried_at, d.sent_at) AS first_tried_at,
    d.attempts,
    d.resends,
    d.epoch,
    d.status,
    d.message_id,
    d.worker,
    d.first_name,
    d.fields,
    d.sending
   FROM (ledger d
     LEFT JOIN ledger_items i ON ((i.id = d.item_id)));
