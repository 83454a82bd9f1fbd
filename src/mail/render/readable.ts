import Handlebars from 'handlebars/dist/handlebars.min.js'
import type { Locale } from '../../locales/locale.ts'
import type { EditionSource, Reader } from '../edition.ts'
import { subjectFor } from './edition-from-source.ts'
import { compileSlots } from './templates.ts'

/** Values for links to controls, so that they can be found; not a scheme that anything opens. */
const [CONTROL, PREFERENCES] = ['control:', 'control:all'] as const
const WITHOUT_CONTROLS = {
  preferencesUrl: PREFERENCES,
  pauseUrl: CONTROL,
  nowUrl: CONTROL,
  lessonUrl: CONTROL,
  unsubscribeUrl: CONTROL,
  besideUnsubscribeUrl: CONTROL,
} as const satisfies Partial<Reader>

/** What separates two links on a line. */
const BETWEEN = '(?:&nbsp;|&#xa0;|\\u00a0|&middot;|&#xb7;|·| )*'
const link = (href: string) => `<a [^>]*href="${href}"[^>]*>[^<]*</a>`
const PREFERENCES_LINK = new RegExp(link(PREFERENCES), 'gi')
const LINKS = new RegExp(`${BETWEEN}${link(CONTROL)}${BETWEEN}(?:<br ?/?>)?`, 'gi')
/** Text about the links in a mail; a page has none of them. */
const LINKS_NOTE = /<span class="yours">[^<]*<br ?\/?><\/span>/g

/**
 * Returns a stored text as its reader saw it: the subject, and the page of the mail without its
 * links to controls.
 */
export const readable = (
  { subject, html }: Pick<EditionSource, 'subject' | 'html'>,
  reader: Reader,
  locale: Locale,
) => ({
  subject: subjectFor(subject, reader),
  html: compileSlots(html, { noEscape: false })({
    ...reader,
    ...WITHOUT_CONTROLS,
    // Answers are shown under their articles, in their current state.
    answers: '',
  })
    .replace(LINKS_NOTE, '')
    .replace(LINKS, '')
    .replace(PREFERENCES_LINK, () => Handlebars.escapeExpression(locale.t('mail.read.controls'))),
})
