/** A fictitious site and readers, so that a folder can be checked without settings. */
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { WEEKDAYS } from '../../domain/rhythm.ts'
import { dayInWords, didInWords, morningInWords, rhythmInWords } from '../../domain/words.ts'
import type { Locale, Locales } from '../../locales/locale.ts'
import type { Sender } from '../../platform/config-values.ts'
import type { Letterhead, Reader } from '../edition.ts'
import type { Stamp } from '../mail.ts'
import { type CommentAnswers, renderAnswers } from '../render/comment-answers.ts'
import type { CommentMail, MailedComment } from '../render/comment-mail.ts'

export const LETTERHEAD: Letterhead = {
  siteName: 'The Name of the Site',
  siteUrl: 'https://courses.example',
  postalAddress: '7 Sample Street, 12345 Sampleton',
}
export const FROM: Sender = { name: LETTERHEAD.siteName, address: 'morning@courses.example' }
export const STAMP: Stamp = {
  messageId: '<sample@courses.example>',
  date: Temporal.Instant.from('2026-11-24T06:00:00Z'),
}

/** As long as real readers' links (src/security/links.ts). */
const link = (purpose: string) =>
  `https://courses.example/${purpose}/1.kkkkkkkk.${'x'.repeat(22)}.${'x'.repeat(43)}`

const ZONE = 'Europe/Berlin'
const RHYTHM = { time: '07:00', zone: ZONE, weekdays: WEEKDAYS }
const ENROLLED_ON = Temporal.PlainDate.from('2026-11-24')
const FIRST_MORNING = Temporal.Instant.from('2026-11-25T06:00:00Z')

/** A fictitious reader in a language. The name is in no text, so its occurrences can be counted. */
export const sampleReader = (locale: Locale): Reader => ({
  address: 'wilhelmina@reader.example',
  firstName: 'Wilhelmina',
  fields: {},
  enrolledOn: dayInWords(ENROLLED_ON, locale),
  unsubscribeUrl: link('unsubscribe'),
  besideUnsubscribeUrl: link('unsubscribe/beside'),
  preferencesUrl: link('preferences'),
  confirmUrl: link('confirm'),
  asked: locale.t('mail.confirm.asked', {
    series: 'Unlocking Your Inner Wisdom',
    schedule: rhythmInWords(RHYTHM, locale),
  }),
  firstMail: morningInWords(FIRST_MORNING, ZONE, locale),
  lessonUrl: link('lessons'),
  pauseUrl: `${link('preferences')}/pause`,
  nowUrl: `${link('preferences')}/now`,
  practiceUrl: link('practice'),
  youDid: didInWords(30, 17, locale),
  daysUrl: link('days'),
  completionUrl: `${link('preferences')}/completion`,
  dataUrl: link('data'),
  eraseUrl: link('erase'),
  addressUrl: link('address'),
  undoUrl: link('undo'),
  signInUrl: link('sign-in'),
  answers: null,
  otherAddress: 'w…@reader.example',
})

/** Returns the reader with an answer to each of the series' own fields; all are `text` if given. */
export const withFieldValues = (reader: Reader, series: Series, text?: string): Reader => ({
  ...reader,
  fields: Object.fromEntries(ownFieldsOf(series).map(({ name }) => [name, text ?? `‹${name}›`])),
})

/** Returns a comment below a fictitious article. */
const commentIn = (links: MailedComment['links'], note = ''): MailedComment => ({
  author: 'Wilhelmina',
  under: {
    label: 'A quiet hour',
    url: `${LETTERHEAD.siteUrl}/articles/a-quiet-hour?comment=1#comment-1`,
  },
  note,
  text: 'I sat down by the window, as you say, and for once nothing had to be done.',
  links,
})

/** Returns a mail about a comment, in the words of a language. */
export function commentMailIn(kind: CommentMail['kind'], locale: Locale): CommentMail {
  const { t } = locale
  const of = { count: 1, site: LETTERHEAD.siteName }
  const button = (label: string, what: string) => ({ label, url: `${link('moderation')}/${what}` })
  const decisions = [
    button(t('mail.moderation.approve'), 'approve'),
    button(t('mail.moderation.reject'), 'reject'),
    button(t('mail.moderation.block'), 'block'),
  ]
  return kind === 'moderation'
    ? {
        kind,
        locale,
        subject: t('mail.moderation.subject', of),
        lead: t('mail.moderation.lead', of),
        comments: [commentIn(decisions, t('mail.moderation.reason-first'))],
        after: t('mail.moderation.more', of),
        leave: null,
      }
    : {
        kind,
        locale,
        subject: t('mail.answers.subject', of),
        lead: t('mail.answers.lead', of),
        ...answersTo(locale),
        after: '',
      }
}

function answersTo({ t }: Locale): CommentAnswers {
  const { under } = commentIn([])
  return {
    comments: [commentIn([{ label: t('mail.answers.read'), url: under.url }])],
    leave: { label: t('mail.answers.leave'), url: link('answers') },
  }
}

/** Returns answers to comments as a mail of a series shows them. */
export const answered = (series: Series, locales: Locales): Reader['answers'] =>
  renderAnswers(answersTo(locales.of(series.language)), { series }, locales)

/**
 * Names that try to be more than a name, or are unusual. Not all of them pass the enrollment form,
 * but mail must not depend on that.
 */
export const HOSTILE: readonly (readonly [what: string, firstName: string])[] = [
  ['with markup in it', `<b data-leak>Ada</b>" data-leak="'`],
  ['that is a slot', '{{unsubscribeUrl}} {{{address}}}'],
  ['of several lines', 'Ada\r\nBcc: eve@evil.example\r\n\r\n<b>Hello</b>'],
  ['written from right to left', 'עדה \u202Eאב'],
  ['with a control character in it', 'Ada\u0000\u0007Lovelace'],
  ['a thousand letters long', 'Ad'.repeat(500)],
]
