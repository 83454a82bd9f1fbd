/**
 * Makes an edition from a text compiled today or long ago. Pure, so that actions may import it: the
 * same text always gives the same mails.
 */
import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { countedLinksIn } from '../../domain/counted-links.ts'
import type { Edition, EditionSource, Reader } from '../edition.ts'
import { skeletonOf } from './skeleton.ts'
import { compileSlots, fieldsIn } from './templates.ts'

/** Returns the edition of a compiled text. */
export function editionOf(
  { kind, series }: Pick<Edition, 'kind' | 'series'>,
  hash: string,
  source: EditionSource,
): Edition {
  return { ...compileSource(hash, source), kind, series, hash }
}

/** The members of an edition that depend only on its text. */
type CompiledSource = Pick<Edition, 'subject' | 'skeleton' | 'countedLinks' | 'source'>

/** Holds about as many texts as a site sends in a day. */
const compiledSources = new LRUCache<string, CompiledSource>({ max: 100 })

/** Compiles each text once, whether for today's mails or one of long ago. */
function compileSource(hash: string, source: EditionSource): CompiledSource {
  const written = JSON.stringify([source.subject, source.html, source.text])
  // The hash alone is not enough: a test mail has another text under the same hash.
  const key = createHash('sha256').update(hash).update(written).digest('hex')
  const kept = compiledSources.get(key)
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
  compiledSources.set(key, cut)
  return cut
}

/** Compresses text that is hardly ever read again to a tenth of the memory. */
function packed(written: string): () => EditionSource {
  // Copied because zlib's result is a slice of a larger buffer.
  const bytes = new Uint8Array(deflateRawSync(written, { level: 1 }))
  return () => {
    const [subject, html, text] = JSON.parse(inflateRawSync(bytes).toString())
    return { subject, html, text }
  }
}

/** Returns a stored subject for a reader; only the name and answers can occur in it. */
export const subjectFor = (subject: string, of: Pick<Reader, 'firstName' | 'fields'>) =>
  compileSlots(subject, { noEscape: true })(of)
