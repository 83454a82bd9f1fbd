/**
 * From a text that was compiled, today or long ago, to an edition. Pure, so that actions may import
 * it: the same text gives the same mails.
 */
import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { countedLinksIn } from '../../domain/counted-links.ts'
import type { Edition, EditionSource, Reader } from '../edition.ts'
import { skeletonOf } from './skeleton.ts'
import { compileSlots, fieldsIn } from './templates.ts'

/** The edition of a text that was compiled before. */
export function editionOf(
  { kind, series }: Pick<Edition, 'kind' | 'series'>,
  hash: string,
  source: EditionSource,
): Edition {
  return { ...cutUp(hash, source), kind, series, hash }
}

/** What an edition holds that its text alone decides. */
type Cut = Pick<Edition, 'subject' | 'skeleton' | 'countedLinks' | 'source'>

/** As many as a site sends on a day. */
const cuts = new LRUCache<string, Cut>({ max: 100 })

/** The same text is compiled once, whoever asks: the mails of today, or one of long ago. */
function cutUp(hash: string, source: EditionSource): Cut {
  const written = JSON.stringify([source.subject, source.html, source.text])
  // A name alone is not enough: a test mail is another text under the same one.
  const key = createHash('sha256').update(hash).update(written).digest('hex')
  const kept = cuts.get(key)
  if (kept) return kept
  const parts = {
    text: compileSlots(source.text, { noEscape: true }),
    html: compileSlots(source.html, { noEscape: false }),
  }
  const subject = compileSlots(source.subject, { noEscape: true })
  const fields = fieldsIn(source.text + source.html)
  const countedLinks = countedLinksIn(source.html).length
  const asksName = (source.text + source.html).includes('firstName')
  const skeleton = skeletonOf({ hash, asksName, fields, countedLinks, ...parts })
  const cut = { subject, skeleton, countedLinks, source: packed(written) }
  cuts.set(key, cut)
  return cut
}

/** Of what is hardly ever read again, a tenth of the memory. */
function packed(written: string): () => EditionSource {
  // A copy: what zlib gives lies in a larger buffer of its own.
  const bytes = new Uint8Array(deflateRawSync(written, { level: 1 }))
  return () => {
    const [subject, html, text] = JSON.parse(inflateRawSync(bytes).toString())
    return { subject, html, text }
  }
}

/** A kept subject; a name and answers are all that it can say of its reader. */
export const subjectFor = (subject: string, of: Pick<Reader, 'firstName' | 'fields'>) =>
  compileSlots(subject, { noEscape: true })(of)
