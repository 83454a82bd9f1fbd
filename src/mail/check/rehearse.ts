import type { Content } from '../edition.ts'
import { compose } from '../message/compose.ts'
import { hashOf, layoutOf, ownWords } from '../render/compile.ts'
import { editionOf } from '../render/kept-text.ts'
import type { MailTemplates } from '../render/templates.ts'
import { answering, FROM, HOSTILE, LETTERHEAD, STAMP, sampleIn } from './samples.ts'

/** None, and those that try to be more than one. */
const OTHER_NAMES = ['', ...HOSTILE.map(([, name]) => name)]

/** Tries a mail on readers who are nobody. Throws when it cannot be made. */
export type Rehearse = (content: Content) => void

/**
 * All of the way of a mail but MJML, which what an author writes cannot break, since it sees their
 * words as marks. A text without a slot, in a frame that was tried, is the same to every reader.
 */
export function openRehearsal(templates: MailTemplates): Rehearse {
  const tried = new Set<string>()
  return (content) => {
    const frame = frameOf(content)
    if (tried.has(frame) && !ownWords(content).includes('{{')) return
    const { subject, mjml, text, fill } = layoutOf(content, templates, LETTERHEAD)
    const source = { subject, html: fill(mjml), text }
    const edition = editionOf(content, hashOf(source), source)
    const sample = sampleIn(templates.locales.of(content.series.language))
    compose(edition, answering(sample, content.series), STAMP, FROM)
    for (const firstName of OTHER_NAMES)
      compose(edition, answering({ ...sample, firstName }, content.series, firstName), STAMP, FROM)
    tried.add(frame)
  }
}

/**
 * What stands around a text: equal for all lessons of a series but the last, and for all its
 * inspirations.
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
