import type { App } from '../../app/app.ts'

/** What every page needs of its site. */
export type PageSite = Pick<
  App,
  | 'config'
  | 'log'
  | 'trace'
  | 'now'
  | 'locales'
  | 'languages'
  | 'series'
  | 'articles'
  | 'links'
  | 'siteUrl'
  | 'letterhead'
>

/** The site, and what an unknown visitor may do there. */
export type VisitorSite = PageSite & Pick<App, 'visitor'>

/** The same, and what the holder of a link may do. */
export type ReaderSite = VisitorSite & Pick<App, 'reader'>

/** The same, and what a signed-in member may do. */
export type MemberSite = VisitorSite & Pick<App, 'member'>

/** The same, and what members and moderators do with comments. */
export type CommentSite = MemberSite & Pick<App, 'comments'>

/** The holder of a link, and their state in each of their series. */
export type Person = NonNullable<Awaited<ReturnType<ReaderSite['reader']['overviewBy']>>>
export type Overview = Person['overviews'][number]

/** The same, and what providers' webhooks do. */
export type HookSite = PageSite & Pick<App, 'hooks'>

/** What the web server needs. */
export type WebSite = ReaderSite &
  CommentSite &
  HookSite & {
    readonly author: Pick<App['author'], 'sandbox'>
    readonly operator: Pick<App['operator'], 'readiness' | 'metrics' | 'notice' | 'settleNotice'>
  }

export type Outbox = NonNullable<App['author']['sandbox']>
