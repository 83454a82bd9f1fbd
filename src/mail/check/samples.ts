/** A site and readers that are nobody's, to try mails on: no settings are needed to check a folder. */
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { WEEKDAYS } from '../../domain/rhythm.ts'
import { dayInWords, didInWords, morningInWords, rhythmInWords } from '../../domain/words.ts'
import type { Locale } from '../../locales/locale.ts'
import type { Sender } from '../../platform/config-values.ts'
import type { Letterhead, Reader } from '../edition.ts'
import type { Stamp } from '../mail.ts'

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

/** As long as the links of real readers are (src/security/links.ts). */
const link = (purpose: string) =>
  `https://courses.example/${purpose}/1.kkkkkkkk.${'x'.repeat(22)}.${'x'.repeat(43)}`

const ZONE = 'Europe/Berlin'
const RHYTHM = { time: '07:00', zone: ZONE, weekdays: WEEKDAYS }
const ENROLLED_ON = Temporal.PlainDate.from('2026-11-24')
const FIRST_MORNING = Temporal.Instant.from('2026-11-25T06:00:00Z')

/** Nobody, in the words of a language. Their name stands in no text, so that it can be counted. */
export const sampleIn = (locale: Locale): Reader => ({
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

/** The same in a series, with an answer to each of its own fields: all told by `text`. */
export const answering = (reader: Reader, series: Series, text?: string): Reader => ({
  ...reader,
  fields: Object.fromEntries(ownFieldsOf(series).map(({ name }) => [name, text ?? `‹${name}›`])),
})

/**
 * How a name may be more than a name, and one that is. Not all of them pass the form: mail is no
 * place to find out.
 */
export const HOSTILE: readonly (readonly [what: string, firstName: string])[] = [
  ['with markup in it', `<b data-leak>Ada</b>" data-leak="'`],
  ['that is a slot', '{{unsubscribeUrl}} {{{address}}}'],
  ['of several lines', 'Ada\r\nBcc: eve@evil.example\r\n\r\n<b>Hello</b>'],
  ['written from right to left', 'עדה \u202Eאב'],
  ['with a control character in it', 'Ada\u0000\u0007Lovelace'],
  ['a thousand letters long', 'Ad'.repeat(500)],
]
