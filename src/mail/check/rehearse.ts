import type { Content } from '../edition.ts'
import { compose } from '../message/compose.ts'
import { authoredText, hashOf, layoutOf } from '../render/compile.ts'
import { editionOf } from '../render/edition-from-source.ts'
import type { MailTemplates } from '../render/templates.ts'
import { FROM, HOSTILE, LETTERHEAD, STAMP, sampleReader, withFieldValues } from './samples.ts'

/** No name, and the hostile ones. */
const OTHER_NAMES = ['', ...HOSTILE.map(([, name]) => name)]

/** Composes a mail for fictitious readers. Throws if that fails. */
export type Rehearse = (content: Content) => void

/**
 * Runs a mail through all steps but MJML, which sees an author's text only as marks and so cannot
 * be broken by it. A text without slots in a frame already tried is the same for all readers.
 */
export function openRehearsal(templates: MailTemplates): Rehearse {
  const tried = new Set<string>()
  return (content) => {
    const frame = frameOf(content)
    if (tried.has(frame) && !authoredText(content).includes('{{')) return
    const { subject, mjml, text, fill } = layoutOf(content, templates, LETTERHEAD)
    const source = { subject, html: fill(mjml), text }
    const edition = editionOf(content, hashOf(source), source)
    const sample = sampleReader(templates.locales.of(content.series.language))
    compose(edition, withFieldValues(sample, content.series), STAMP, FROM)
    for (const firstName of OTHER_NAMES)
      compose(
        edition,
        withFieldValues({ ...sample, firstName }, content.series, firstName),
        STAMP,
        FROM,
      )
    tried.add(frame)
  }
}

/**
 * Identifies what surrounds a text: the same for all lessons of a series but the last, and for all
 * its inspirations.
 */
function frameOf(content: Content): string {
  const isLast = content.kind === 'lesson' && content.lesson.day === content.series.lessons.length
  const { slug, title, language, theme } = content.series
  const companion = 'companion' in content && content.companion?.series.slug
  return JSON.stringify([
    content.kind,
    slug,
    title,
    language,
    theme,
    isLast,
    companion,
    'afterPause' in content,
  ])
}
