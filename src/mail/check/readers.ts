import type { Reader } from '../edition.ts'

/** As long as the links of real readers are (src/security/links.ts). */
const link = (purpose: string) =>
  `https://courses.example/${purpose}/1.kkkkkkkk.${'x'.repeat(22)}.${'x'.repeat(43)}`

/** Names that stand in no text, so that they can be counted. */
export const SAMPLE: Reader = {
  address: 'wilhelmina@reader.example',
  firstName: 'Wilhelmina',
  enrolledOn: 'November 24, 2026',
  unsubscribeUrl: link('unsubscribe'),
  besideUnsubscribeUrl: link('unsubscribe/beside'),
  preferencesUrl: link('preferences'),
  confirmUrl: link('confirm'),
  asked: 'Unlocking Your Inner Wisdom, every day at 07:00 (Europe/Berlin)',
  firstMail: 'Wednesday, November 25, at 07:00 (Europe/Berlin)',
  lessonUrl: link('lessons'),
  pauseUrl: `${link('preferences')}/pause`,
  nowUrl: `${link('preferences')}/now`,
  practiceUrl: link('practice'),
  youDid: 'You received 30 lessons and did 17 practices.',
  daysUrl: link('days'),
  completionUrl: `${link('preferences')}/completion`,
  dataUrl: link('data'),
  eraseUrl: link('erase'),
  addressUrl: link('address'),
  undoUrl: link('undo'),
  otherAddress: 'w…@reader.example',
}

export const NAMELESS: Reader = { ...SAMPLE, firstName: '' }

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

export const withName = (firstName: string): Reader => ({ ...SAMPLE, firstName })
