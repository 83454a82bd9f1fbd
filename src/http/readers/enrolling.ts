/**
 * The page of a course or a daily, and enrolling: there, in a frame on another site, or by a form
 * of that site.
 */

import { type Context, Hono } from 'hono'
import { articlePath } from '../../domain/article.ts'
import { type Agreed, agreedIn } from '../../domain/consent.ts'
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { type Fields, Problem } from '../../domain/problem.ts'
import { dailiesBeside } from '../../domain/relations.ts'
import { beginningOf } from '../../domain/starts.ts'
import { networkOf } from '../shared/client.ts'
import { formOf } from '../shared/form.ts'
import { AGAIN, FULL, isTrapped, looksHuman, proofIn, WORK_FIRST } from '../shared/form-guard.ts'
import {
  askedWith,
  checkOf,
  givenBack,
  type Refusal,
  refusalOf,
  sealedForm,
  statusOf,
} from '../shared/given-back.ts'
import { type In, inLanguage, localeOf, speakOf } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { answer, say, sayFields } from '../shared/problems.ts'
import type { VisitorSite } from '../shared/site.ts'
import { answerSheet, sheetAddress } from '../shared/theme-sheet.ts'
import { coursePage, type FormState, formPage, wordingOf } from './course-page.ts'
import {
  type EnrollInput,
  type EnrollValues,
  enrollValues,
  freshValues,
  isShort,
  readEnrollment,
} from './enroll-form.ts'
import { ownLimits } from './own-fields.ts'
import { asSent, ENROLL_FORM } from './sent-form.ts'

type Body = Record<string, unknown>

export function enrollingPages(app: VisitorSite, pages: Pages) {
  const origins = app.config.http.embedOrigins
  const find = (c: Context) => seriesOf(app, c)
  const framed = (c: Context) => {
    if (origins) return find(c)
    throw new Problem('not_found', 'form.enroll.not-embedded')
  }
  const fresh = (series: Series, action: string) => ({ action, values: freshValues(series) })
  /** The form of a page: fresh, or as it was sent. */
  const shownOn = (c: Context, series: Series) => {
    const given = givenBack(app, ENROLL_FORM, c)
    const action = c.req.path
    return {
      status: statusOf(given),
      form: given ? asSent(action, given, series) : fresh(series, action),
    }
  }

  /** The site a request comes from, if it is one that may have our forms. */
  const friendOf = (c: Context) => origins?.find((origin) => origin === c.req.header('origin'))

  /** The article below which a form stands that is sent to the page of its series. */
  const articleOf = (c: Context) => app.articles.named(c.req.query('article') ?? '')

  /** Takes a form down. Throws a Problem, with nothing stored, when it has to be given back. */
  const take = async (c: Context, series: Series, body: Body, place: string) => {
    const friend = friendOf(c)
    const read = readEnrollment(enrollValues(body, series), series)
    if ('fields' in read) throw faulty(read.fields, body)
    refuseVain(app, series, read.ok)
    // The form of a friend carries no stamp: its page knows nothing of ours.
    const isGood = friend
      ? !isTrapped(body)
      : looksHuman(series.slug, body, app.visitor.stamps, app.now())
    if (!isGood) throw new Problem('invalid', AGAIN)
    const network = networkOf(c)
    const asking = { form: series.slug, network, addressKey: read.ok.address.key, ...proofIn(body) }
    const admitted = await app.visitor.admit(asking)
    if (admitted === 'work first') throw new Problem('invalid', WORK_FIRST)
    if (admitted === 'too many at once') throw new Problem('invalid', FULL)
    const slowly = admitted === 'slowly'
    const page = inLanguage(app, c)
    const source = sourceOf(page, place, friend)
    const wording = wordingOf(page, series, isShort(body) ? 'short' : 'long')
    await enroll(
      app,
      { c, series },
      { ...read.ok, slowly },
      { ...agreedIn(page.locale, wording), source },
    )
    return { slowly }
  }

  const answerTo = async (
    c: Context,
    series: Series,
    { action, article, done, page }: FormPage,
  ) => {
    const body = formOf(c)
    const place = article ? articlePath(article) : action
    const friend = friendOf(c)
    if (friend) c.header('Access-Control-Allow-Origin', friend)
    c.header('Vary', 'Origin, Accept')
    const asJson = c.req.header('accept')?.startsWith('application/json') ?? false
    let taken: Taken
    try {
      taken = await take(c, series, body, place)
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      if (asJson)
        return answer(c, problem, {
          message: say(problem, localeOf(c)),
          fields: sayFields(problem.fields, localeOf(c)),
          page: `${app.siteUrl}/courses/${series.slug}`,
        })
      const refusal = refusalOf(problem)
      const values = enrollValues(body, series)
      // What the short form of an article does not ask can be mended on the page of the series only.
      const isWhole = !isShort(body) || Object.keys(problem.fields).join() === 'email'
      const sent = { ...values, series: series.slug }
      const to = isWhole ? place : action
      if (refusal) return c.redirect(`${to}${sealed(series, sent, refusal)}#fault`, 303)
      return answer(c, problem, await page({ action, values, faults: { form: problem } }))
    }
    if (asJson) return c.json({ message: localeOf(c).t('form.enroll.asked') })
    const asked = {
      ...enrollValues(body, series),
      series: series.slug,
      article: article ?? '',
      slowly: taken.slowly ? 'yes' : '',
    }
    return c.redirect(`${done}${sealed(series, asked, null)}#asked`, 303)
  }

  const sealed = (series: Series, sent: SentValues, refusal: Refusal | null) =>
    sealedForm(app, ENROLL_FORM, { ...toSeal(series, sent), refusal })

  return new Hono()
    .get('/courses/:slug', async (c) => {
      const series = find(c)
      const { form, status } = shownOn(c, series)
      return c.html(pages(c, 'course', await coursePage(inLanguage(app, c), series, form)), status)
    })
    .get('/enrolled', (c) => {
      const wayBack = ({ slug }: Series, article: string) =>
        article ? articlePath(article) : `/courses/${slug}`
      const asked = askedWith(check(app, c, wayBack))
      return c.html(pages(c, 'enrolled', asked))
    })
    .post('/courses/:slug', async (c) => {
      const series = find(c)
      const page = async (form: FormState) =>
        pages(c, 'course', await coursePage(inLanguage(app, c), series, form))
      const article = articleOf(c)?.slug
      return answerTo(c, series, { action: c.req.path, article, done: '/enrolled', page })
    })
    .get('/courses/:slug/challenge', (c) => c.json(app.visitor.challenge(find(c).slug)))
    .get('/courses/:slug/theme.css', (c) => answerSheet(c, find(c).theme))
    .get('/courses/:slug/embed', async (c) => {
      const series = framed(c)
      const { form, status } = shownOn(c, series)
      return c.html(pages(c, 'embed', await formPage(inLanguage(app, c), series, form)), status)
    })
    .post('/courses/:slug/embed', async (c) => {
      const series = framed(c)
      const page = async (form: FormState) =>
        pages(c, 'embed', await formPage(inLanguage(app, c), series, form))
      return answerTo(c, series, { action: c.req.path, done: `${c.req.path}/enrolled`, page })
    })
    .get('/courses/:slug/embed/enrolled', (c) => {
      const series = framed(c)
      const to = check(app, c, () => `/courses/${series.slug}/embed`)
      return c.html(
        pages(c, 'embed-enrolled', { series, sheet: sheetAddress(series), ...askedWith(to) }),
      )
    })
    .get('/courses/:slug/embed-code', async (c) => {
      const series = find(c)
      const url = `${app.siteUrl}/courses/${series.slug}`
      const frame = pages(c, 'embed-frame', { url: `${url}/embed`, title: series.title })
      const wording = wordingOf(inLanguage(app, c), series, 'short')
      const form = pages(c, 'embed-form', {
        ...(await formPage(inLanguage(app, c), series, fresh(series, url))),
        wording,
      })
      return c.html(pages(c, 'embed-code', { series, origins, frame, form }))
    })
}

interface Asked {
  readonly c: Context
  readonly series: Series
}

async function enroll(
  app: VisitorSite,
  { c, series }: Asked,
  input: TakenInput,
  consent: AgreedAt,
): Promise<void> {
  const network = networkOf(c)
  const { address, firstName, rhythm, daily, fields, slowly } = input
  const dailies = dailiesBeside(series, app.series.values())
  const slugs = [series, ...(daily ? dailies : [])].map(({ slug }) => slug)
  await app.visitor.requestEnrollment({
    address,
    firstName,
    rhythm,
    fields,
    series: slugs,
    slowly,
    consent: { ...consent, network },
  })
}

/** The address that was entered, for the page after enrolling, and the way back to the form. */
function check(app: VisitorSite, c: Context, pathOf: (series: Series, article: string) => string) {
  const given = givenBack(app, ENROLL_FORM, c)
  const series = app.series.get(String(given?.body.series ?? ''))
  if (!given || !series) return null
  speakOf(c, series, app)
  return checkOf(c, pathOf(series, String(given.body.article ?? '')), given)
}

type SentValues = EnrollValues & {
  readonly series?: string
  readonly article?: string
  readonly slowly?: string
}

const toSeal = (series: Series, { daily, own, ...values }: SentValues) => ({
  body: { ...values, ...own, daily: daily ? 'yes' : '' },
  own: ownLimits(ownFieldsOf(series)),
})

/** Where a form was: on a page of ours, or on that of a site which may have it. */
const sourceOf = (
  { locale, siteUrl }: In<VisitorSite>,
  path: string,
  friend: string | undefined,
) => (friend ? locale.t('consent.form-elsewhere', { site: friend }) : siteUrl + path)

/** How a form was taken: to be carried out at once, or when its turn comes. */
interface Taken {
  readonly slowly: boolean
}

type TakenInput = EnrollInput & Taken

/** What was agreed to, and where. */
interface AgreedAt extends Agreed {
  readonly source: string
}

/** Where a form is: how it is shown there, and what follows. */
interface FormPage {
  readonly action: string
  /** The slug of the article that it stands below, to come back there. */
  readonly article?: string | undefined
  /** Where the person goes once it is taken down. */
  readonly done: string
  readonly page: (form: FormState) => Promise<string>
}

/** The series whose page is asked for, in its language. */
function seriesOf(app: VisitorSite, c: Context): Series {
  const series = app.series.get(c.req.param('slug') ?? '')
  if (!series) throw new Problem('not_found', 'course.not-found')
  speakOf(c, series, app)
  return series
}

/** Refuses an enrollment whose mails cannot get there, or with no start of its series left to join. */
function refuseVain(app: VisitorSite, series: Series, { address, rhythm }: EnrollInput) {
  if (!app.visitor.reaches(address)) {
    const fields = { email: { key: 'form.email.out-of-reach' } } as const
    throw new Problem('invalid', 'form.enroll.marked', { fields })
  }
  if (beginningOf(series, rhythm, app.now())) return
  throw new Problem('invalid', 'form.enroll.closed', { params: { title: series.title } })
}

/** A short form that lacks nothing but what it does not ask is no fault of the person's. */
function faulty(fields: Fields, body: Body): Problem {
  // A browser that hides where it is gives one that nobody lives in.
  const lacksZone = Object.keys(fields).join() === 'zone'
  return isShort(body) && lacksZone
    ? new Problem('invalid', 'form.enroll.zone-missing')
    : new Problem('invalid', 'form.enroll.marked', { fields })
}
