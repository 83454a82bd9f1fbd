import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { ArticleHead } from '../../domain/article.ts'
import type { EnrollmentStatus } from '../../domain/enrollment.ts'
import type { FieldValues } from '../../domain/own-fields.ts'
import type {
  BounceClass,
  ReportReason,
  ReportSource,
  StoredReportKind,
} from '../../domain/report.ts'
import type { SuppressionReason } from '../../domain/suppression.ts'
import type { ClickTables } from './click-tables.ts'
import type { Day, MaybeDay, MaybeTime, Time } from './columns.ts'
import type { GuardTables } from './guard-tables.ts'
import type { LedgerTables } from './ledger-tables.ts'

/** As stored in JSON. */
export type StoredHead = Omit<ArticleHead, 'date'> & { readonly date: string }

/** The schema of store/migrations, as Kysely sees it. */
export interface Tables extends LedgerTables, GuardTables, ClickTables {
  subscribers: {
    id: string
    address: string
    address_key: string
    address_hash: Buffer
    first_name: string
    language: string | null
    epoch: Generated<number>
    address_since: MaybeTime
    created_at: Time
  }
  receivers: {
    name: string
    worker: string
    lease_until: Time
  }
  forwards: {
    id: string
    digest: Buffer
    raw: Buffer | null
    status: Generated<'waiting' | 'sending' | 'sent' | 'failed'>
    reason: string | null
    attempts: Generated<number>
    try_at: Time
    lease_until: MaybeTime
    worker: string | null
    message_id: string | null
    first_tried_at: MaybeTime
    sent_at: MaybeTime
    received_at: Time
    came_to: string | null
    bytes: Generated<number>
  }
  address_changes: {
    id: string
    subscriber_id: string
    from_address: string
    from_key: string
    from_since: MaybeTime
    to_address: string
    to_key: string
    epoch: number
    turn: GeneratedAlways<string>
    mailed_at: Time
    asked_at: Time
    confirmed_at: MaybeTime
    undone_at: MaybeTime
  }
  enrollments: {
    id: string
    subscriber_id: string
    series: string
    status: EnrollmentStatus
    time_of_day: string
    zone: string
    weekdays: number[]
    every_other: Generated<boolean>
    quiet_from: MaybeDay
    quiet_to: MaybeDay
    paused_at: MaybeTime
    paused_until: MaybeDay
    due_on: MaybeDay
    due_at: MaybeTime
    starts_on: MaybeDay
    created_at: Time
    confirmed_at: MaybeTime
    ended_at: MaybeTime
    fields: Generated<FieldValues>
    clicks_since: MaybeTime
  }
  set_aside: { enrollment_id: string; due_at: Time; reason: string; since: Time; try_at: Time }
  consents: {
    id: Generated<string>
    enrollment_id: string
    event: 'asked' | 'confirmed' | 'withdrawn' | 'clicks' | 'no-clicks'
    wording: string
    language: Generated<string>
    version: Generated<string>
    source: string
    network: string
    at: Time
  }
  suppressions: {
    address_hash: Buffer
    reason: SuppressionReason
    created_at: Time
    source: string | null
    report_id: string | null
    note: string | null
  }
  suppression_changes: {
    id: GeneratedAlways<string>
    address_hash: Buffer
    reason: SuppressionReason
    change: 'added' | 'lifted'
    source: string
    report_id: string | null
    note: string | null
    at: Time
  }
  reports: {
    id: string
    digest: Buffer
    place: number
    kind: StoredReportKind
    class: BounceClass | null
    reason: ReportReason
    source: ReportSource
    delivery_id: string | null
    series: string | null
    address_hash: Buffer | null
    status: string | null
    diagnostic: string
    reported_by: string | null
    mailed_at: MaybeTime
    received_at: Time
  }
  courses: {
    slug: string
    version: number
    digest: string
    files: ColumnType<Readonly<Record<string, string>>, string, string>
    live_since: Time
    settled: Generated<boolean>
  }
  former_courses: { slug: string; digest: string }
  blocked_changes: {
    slug: string
    digest: string
    base: string | null
    reason: string
    draft: boolean
    since: Time
    compared_at: MaybeTime
  }
  articles: {
    slug: string
    id: string
    version: ColumnType<string, string, string>
    digest: string
    file: string
    head: ColumnType<StoredHead, string, string>
    html: string
    text: string
    language: string
    terms: string
    nearest: string[]
    search: ColumnType<string, never, never>
    published_at: Time
    updated_at: Time
    removed_at: MaybeTime
  }
  blocked_articles: { slug: string; reason: string; draft: boolean; since: Time }
  media: {
    hash: string
    type: string
    bytes: Buffer
    kept_at: Time
  }
  shown_inspirations: { series: string; shown_on: Day; title: string; html: string }
  practices: { enrollment_id: string; item: string; done_at: Time }
  outbox: {
    id: Generated<string>
    message_id: string
    recipient: string
    subject: string
    raw: Buffer
    caught_at: Time
  }
  sandbox_clock: { one: Generated<boolean>; ahead_ms: ColumnType<string, number, number> }
  paces: { name: string; per_minute: number; slowed_at: Time }
  refusing_servers: {
    name: string
    halted_at: MaybeTime
    refused: number | null
    believed_at: MaybeTime
  }
  requests: {
    id: string
    address: string
    address_key: string
    first_name: string
    series: string[]
    time_of_day: string
    zone: string
    weekdays: number[]
    wording: string
    language: Generated<string>
    version: Generated<string>
    source: string
    network: string
    asked_at: Time
    not_before: MaybeTime
    fields: Generated<FieldValues>
  }
  form_mails: { kind: string; address_hash: Buffer; asked_at: Time }
  link_requests: { id: string; address_key: string; asked_at: Time; not_before: MaybeTime }
  members: {
    subscriber_id: string
    name: string | null
    name_key: string | null
    joined_at: Time
    blocked_at: MaybeTime
  }
  sign_in_requests: {
    id: string
    address_key: string
    leads_to: string
    asked_at: Time
    not_before: MaybeTime
  }
  sign_ins: {
    id: string
    subscriber_id: string
    token_hash: Buffer
    epoch: number
    leads_to: string
    asked_at: Time
    used_at: MaybeTime
  }
  sessions: {
    id_hash: Buffer
    subscriber_id: string
    epoch: number
    began_at: Time
    seen_at: Time
  }
  signing_keys: { name: string; first_seen_at: Time }
  webhook_tokens: { token: Buffer; body: Buffer; until: Time }
  rate_limits: { key: string; points: number; expire: string | null }
  processes: { name: string; plans: boolean; seen_at: Time }
  notices: { name: string; since: Time; seen_at: Time }
}
