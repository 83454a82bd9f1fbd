/** Stores the pictures and files of a course, before mails and pages show them. */
import type { CourseFolder } from '../../content/courses.ts'
import type { FoundMedia } from '../../content/media.ts'
import { messageOf } from '../../domain/problem.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: { readonly media: Pick<typeof stores.media, 'save' | 'storedAmong'> }
  /** Returns what is served of a file. Rejects if it is broken, or has changed since. */
  readonly mediaBytes: (media: FoundMedia) => Promise<Buffer>
}

/**
 * Stores those that are not there yet.
 *
 * @returns why one cannot be stored; null if all are.
 */
export async function storeMedia(
  { media }: Pick<CourseFolder, 'media'>,
  { db, now, stores, mediaBytes }: Deps,
): Promise<string | null> {
  const kept = await stores.media.storedAmong(
    db,
    media.map(({ hash }) => hash),
  )
  for (const file of media) {
    if (kept.has(file.hash)) continue
    try {
      const { hash, type } = file
      await stores.media.save(db, { hash, type, bytes: await mediaBytes(file) }, now())
    } catch (error) {
      return `${file.name} cannot be read: ${messageOf(error)}; save it again`
    }
  }
  return null
}
