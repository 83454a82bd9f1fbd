/**
 * Handles a submitted enrollment form, from our own page, a frame, or another site that may embed
 * it: the enrollment is recorded, or the form is given back.
 */

import type { Context } from 'hono'
import { articlePath } from '../../domain/article.ts'
import { type ConsentRecord, consentRecordOf } from '../../domain/consent.ts'
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { type FieldFaults, Problem } from '../../domain/problem.ts'
import { offeredDailies } from '../../domain/relations.ts'
import { beginningOf } from '../../domain/starts.ts'
import { networkOf } from '../shared/client.ts'
import { formOf } from '../shared/form.ts'
import {
  FULL,
  isHoneypotFilled,
  looksHuman,
  proofIn,
  SUBMIT_AGAIN,
  WORK_FIRST,
} from '../shared/form-guard.ts'
import { type Localized, localeOf, localized } from '../shared/language.ts'
import { localizedFields, localizedMessage, respondWithProblem } from '../shared/problems.ts'
import { type Refusal, refusalOf, sealedForm } from '../shared/redisplayed-form.ts'
import type { VisitorSite } from '../shared/site.ts'
import { type FormState, wordingOf } from './course-page.ts'
import {
  type EnrollInput,
  type EnrollValues,
  enrollValues,
  isShort,
  readEnrollment,
} from './enroll-form.ts'
import { ownLimits } from './own-fields.ts'
import { ENROLL_FORM } from './sent-form.ts'

type Body = Record<string, unknown>

interface EnrollRequest {
  readonly c: Context
  readonly series: Series
}

interface Sent extends EnrollRequest {
  readonly body: Body
  /** The path of our page with the form. */
  readonly place: string
  /** The site that the form came from, if it may embed our forms. */
  readonly friend: string | undefined
}

/** Responds to a submitted form with a redirect, or with JSON if requested. */
export async function handleEnrollment(
  app: VisitorSite,
  { c, series }: EnrollRequest,
  { action, article, done, page }: FormPage,
) {
  const body = formOf(c)
  const place = article ? articlePath(article) : action
  const friend = embedOriginOf(app, c)
  if (friend) c.header('Access-Control-Allow-Origin', friend)
  c.header('Vary', 'Origin, Accept')
  const asJson = c.req.header('accept')?.startsWith('application/json') ?? false
  let taken: Taken
  try {
    taken = await recordEnrollment(app, { c, series, body, place, friend })
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    if (asJson)
      return respondWithProblem(c, problem, {
        message: localizedMessage(problem, localeOf(c)),
        fields: localizedFields(problem.fields, localeOf(c)),
        page: `${app.siteUrl}/courses/${series.slug}`,
      })
    const refusal = refusalOf(problem)
    const values = enrollValues(body, series)
    // Faults in fields that the short form lacks can be fixed on the series' page only.
    const isWhole = !isShort(body) || Object.keys(problem.fields).join() === 'email'
    const sent = { ...values, series: series.slug }
    const to = isWhole ? place : action
    if (refusal) return c.redirect(`${to}${sealed(app, series, sent, refusal)}#fault`, 303)
    return respondWithProblem(c, problem, await page({ action, values, faults: { form: problem } }))
  }
  if (asJson) return c.json({ message: localeOf(c).t('form.enroll.asked') })
  const asked = {
    ...enrollValues(body, series),
    series: series.slug,
    article: article ?? '',
    slowly: taken.slowly ? 'yes' : '',
  }
  return c.redirect(`${done}${sealed(app, series, asked, null)}#asked`, 303)
}

/**
 * Records an enrollment. Throws a Problem, with nothing stored, if the form has to be given back.
 */
async function recordEnrollment(
  app: VisitorSite,
  { c, series, body, place, friend }: Sent,
): Promise<Taken> {
  const read = readEnrollment(enrollValues(body, series), series)
  if ('fields' in read) throw faulty(read.fields, body)
  refuseUndeliverable(app, series, read.ok)
  // A form on another site carries no stamp: its page cannot get one from us.
  const isGood = friend
    ? !isHoneypotFilled(body)
    : looksHuman(series.slug, body, app.visitor.stamps, app.now())
  if (!isGood) throw new Problem('invalid', SUBMIT_AGAIN)
  const network = networkOf(c)
  const asking = { form: series.slug, network, addressKey: read.ok.address.key, ...proofIn(body) }
  const admitted = await app.visitor.admit(asking)
  if (admitted === 'work first') throw new Problem('invalid', WORK_FIRST)
  if (admitted === 'too many at once') throw new Problem('invalid', FULL)
  const slowly = admitted === 'slowly'
  const page = localized(app, c)
  const source = sourceOf(page, place, friend)
  const wording = wordingOf(page, series, isShort(body) ? 'short' : 'long')
  const consent = { ...consentRecordOf(page.locale, wording), source, network }
  await enroll(app, series, { ...read.ok, slowly }, consent)
  return { slowly }
}

/** Returns the site that a request comes from, if it may embed our forms. */
const embedOriginOf = (app: VisitorSite, c: Context) =>
  app.config.http.embedOrigins?.find((origin) => origin === c.req.header('origin'))

async function enroll(
  app: VisitorSite,
  series: Series,
  input: TakenInput,
  consent: AgreedAt,
): Promise<void> {
  const { address, firstName, rhythm, daily, fields, slowly } = input
  const dailies = offeredDailies(series, app.series.values())
  const slugs = [series, ...(daily ? dailies : [])].map(({ slug }) => slug)
  await app.visitor.requestEnrollment({
    address,
    firstName,
    rhythm,
    fields,
    series: slugs,
    slowly,
    consent,
  })
}

const sealed = (app: VisitorSite, series: Series, sent: SentValues, refusal: Refusal | null) =>
  sealedForm(app, ENROLL_FORM, { ...toSeal(series, sent), refusal })

type SentValues = EnrollValues & {
  readonly series?: string
  readonly article?: string
  readonly slowly?: string
}

const toSeal = (series: Series, { daily, own, ...values }: SentValues) => ({
  body: { ...values, ...own, daily: daily ? 'yes' : '' },
  own: ownLimits(ownFieldsOf(series)),
})

/** Where a form was: on our own page, or on another site that may embed it. */
const sourceOf = (
  { locale, siteUrl }: Localized<VisitorSite>,
  path: string,
  friend: string | undefined,
) => (friend ? locale.t('consent.form-elsewhere', { site: friend }) : siteUrl + path)

/** `slowly`: the request is carried out when its turn comes, not immediately. */
interface Taken {
  readonly slowly: boolean
}

type TakenInput = EnrollInput & Taken

interface AgreedAt extends ConsentRecord {
  readonly source: string
  readonly network: string
}

/** A form's page: how the form is shown there, and what follows. */
export interface FormPage {
  readonly action: string
  /** Slug of the article below which the form is placed, to return there. */
  readonly article?: string | undefined
  /** Where the person goes after enrolling. */
  readonly done: string
  readonly page: (form: FormState) => Promise<string>
}

/**
 * Refuses an enrollment whose mails cannot be delivered, or whose series has no start left to join.
 */
function refuseUndeliverable(app: VisitorSite, series: Series, { address, rhythm }: EnrollInput) {
  if (!app.visitor.reaches(address)) {
    const fields = { email: { key: 'form.email.out-of-reach' } } as const
    throw new Problem('invalid', 'form.enroll.marked', { fields })
  }
  if (beginningOf(series, rhythm, app.now())) return
  throw new Problem('invalid', 'form.enroll.closed', { params: { title: series.title } })
}

/**
 * Makes a Problem of faulty fields. A short form that lacks only what it does not ask for is not
 * the person's fault.
 */
function faulty(fields: FieldFaults, body: Body): Problem {
  // A browser that hides its location reports a zone that nobody lives in.
  const lacksZone = Object.keys(fields).join() === 'zone'
  return isShort(body) && lacksZone
    ? new Problem('invalid', 'form.enroll.zone-missing')
    : new Problem('invalid', 'form.enroll.marked', { fields })
}
