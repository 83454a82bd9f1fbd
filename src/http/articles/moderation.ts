/**
 * Pages for the links in the moderators' daily mail. GET only shows the comment and a button, since
 * mailboxes open every link; a decision can be made only once.
 */
import { type Context, Hono } from 'hono'
import { articlePath } from '../../domain/article.ts'
import { Problem } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'
import type { Key } from '../../locales/locale.ts'
import { formOf } from '../shared/form.ts'
import { localeOf } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { CommentSite } from '../shared/site.ts'

const DECISIONS = ['approve', 'reject', 'block'] as const
type What = (typeof DECISIONS)[number]

const HEADING = {
  approve: 'page.moderation.heading-approve',
  reject: 'page.moderation.heading-reject',
  block: 'page.moderation.heading-block',
} as const satisfies Record<What, Key>
const BUTTON = {
  approve: 'page.moderation.button-approve',
  reject: 'page.moderation.button-reject',
  block: 'page.moderation.button-block',
} as const satisfies Record<What, Key>

export const moderationPages = (app: CommentSite, pages: Pages) =>
  new Hono()
    .get('/moderation/:token/:what', async (c) => {
      const { id, what } = linkTarget(c, app)
      const look = await app.comments.inspectComment(id)
      return c.html(pages(c, 'moderation', moderationPage(look, { what, app, c })))
    })
    .post('/moderation/:token/:what', async (c) => {
      const { id, what, by } = linkTarget(c, app)
      const version = Number(formOf(c).version)
      await app.comments.decide({ id, decision: what, by, version })
      // The page shows the result: done, decided by another moderator, or changed in between.
      return c.redirect(c.req.path, 303)
    })

/** Returns what a link asks for, and whose it is. Throws a Problem if it is void. */
function linkTarget(c: Context, app: CommentSite) {
  const { id, epoch } = app.links.open('moderation', c.req.param('token') ?? '')
  const what = DECISIONS.find((decision) => decision === c.req.param('what'))
  if (!what) throw new Problem('not_found', 'link.incomplete')
  const moderator = app.comments.moderatorBy(epoch)
  if (!moderator) throw new Problem('expired', 'page.moderation.no-moderator')
  return { id, what, by: moderator.address }
}

type Look = Awaited<ReturnType<CommentSite['comments']['inspectComment']>>

function moderationPage(
  look: Look,
  { what, app, c }: { readonly what: What; readonly app: CommentSite; readonly c: Context },
) {
  const locale = localeOf(c)
  const title = locale.t(HEADING[what])
  const nothing = { comment: null, decided: '', others: [] }
  if (!look || look.comment.status === 'deleted')
    return { ...nothing, title: locale.t('page.moderation.gone') }
  const { comment, decisions } = look
  const article = app.articles.byId(comment.article)
  const view = {
    author: comment.author ?? locale.t('page.comments.someone'),
    title: article?.title ?? comment.article,
    href: articlePath(article?.slug ?? comment.article),
    html: app.comments.rendered(comment.text).html,
    text: comment.text,
    version: comment.version,
    on: {
      words: locale.date(dateIn('UTC', comment.createdAt), 'full'),
      at: String(comment.createdAt),
    },
  }
  if (comment.status === 'waiting')
    return {
      title,
      comment: view,
      decided: '',
      button: locale.t(BUTTON[what]),
      what,
      others: DECISIONS.filter((decision) => decision !== what).map((decision) => ({
        words: locale.t(BUTTON[decision]),
        href: decision,
      })),
    }
  const [last] = decisions
  const decided = comment.status === 'published' ? 'approved' : 'rejected'
  return {
    ...nothing,
    title: locale.t(`page.moderation.decided-${decided}`),
    comment: view,
    button: '',
    what,
    decided: last
      ? locale.t('page.moderation.decided-by', {
          by: last.by,
          day: { date: String(dateIn('UTC', last.at)) },
        })
      : '',
  }
}
