/** The pictures and files that a folder's texts refer to by name. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { imageSize } from 'image-size'
import { z } from 'zod'
import type { Series } from '../domain/course.ts'
import type { Faults } from '../domain/finding.ts'
import {
  MAX_PICTURE_WIDTH,
  MEDIA_TYPES,
  type MediaFile,
  type MediaType,
  mapHtml,
  mediaPath,
  mediaTypeOf,
} from '../domain/media.ts'
import { messageOf } from '../domain/problem.ts'
import { fileNameIn } from './file-names.ts'
import type { TextFile } from './front-matter.ts'
import { optimizePicture } from './pictures.ts'
import { type MediaReference, referencesIn } from './references.ts'

/** A file as found on disk. */
export interface FoundMedia extends MediaFile {
  /** Absent for live media, read from the database. */
  readonly path?: string
}

const MEGABYTE = 1_000_000
const MAX_BYTES = { picture: 20 * MEGABYTE, file: 10 * MEGABYTE }
const MAX_PIXELS = 50_000_000
const ENDINGS = Object.keys(MEDIA_TYPES).join(', ')

/** Reads the media that the texts refer to. An unusable file is a fault at its reference. */
export const readMedia = (
  folder: string,
  texts: readonly TextFile[],
  faults: Faults,
): Promise<FoundMedia[]> => readReferenced(folder, referencesIn(texts), faults)

export async function readReferenced(
  folder: string,
  references: Iterable<MediaReference>,
  faults: Faults,
): Promise<FoundMedia[]> {
  const found = new Map<string, Promise<FoundMedia | string>>()
  const media: FoundMedia[] = []
  for (const reference of references) {
    const { name, file, line, column } = reference
    const known = found.get(name)
    const reading = known ?? readOne(folder, reference)
    found.set(name, reading)
    const read = await reading
    if (typeof read === 'string') faults.add(file, line, read, { column })
    else if (!known) media.push(read)
  }
  return media.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Returns the file, or what is wrong with it. */
async function readOne(
  folder: string,
  { name, kind }: MediaReference,
): Promise<FoundMedia | string> {
  const type = mediaTypeOf(name)
  if (!type) return `${name} cannot be sent; use one of these: ${ENDINGS}`
  if (kind === 'image' && !type.startsWith('image/'))
    return `${name} is not a picture; link to it without the !`
  if (name.startsWith('..')) return `${name} is outside the folder; put it beside the text`
  const path = join(folder, name)
  const size = await sizeOf(path)
  if (size === null) return (await similarNameFault(path, name)) ?? missing(name)
  const most = type.startsWith('image/') ? MAX_BYTES.picture : MAX_BYTES.file
  if (size > most) return `${name} is larger than ${most / MEGABYTE} MB; make it smaller`
  try {
    const bytes = await readFile(path)
    const picture = type.startsWith('image/') ? pictureIn(bytes, name, type) : {}
    return typeof picture === 'string'
      ? picture
      : { name, hash: hashOf(bytes), type, ...picture, path }
  } catch (error) {
    return `${name} cannot be read: ${messageOf(error)}`
  }
}

const missing = (name: string) => `${name} is not in the folder; put it beside the text`

const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    (info) => (info.isFile() ? info.size : null),
    () => null,
  )

/** A name that differs in case works on some machines and not on others. */
async function similarNameFault(path: string, name: string): Promise<string | null> {
  const names = await readdir(dirname(path)).catch(() => [])
  const other = names.find(
    (fileName) => fileName.normalize('NFC').toLowerCase() === basename(path).toLowerCase(),
  )
  return other === undefined ? null : `${name} is not in the folder, but ${other} is; use that name`
}

/**
 * Returns the bytes to serve. Rejects if the file has changed since it was read: the folder is then
 * read again.
 */
export async function mediaBytes({ name, path, hash, type }: FoundMedia): Promise<Buffer> {
  if (path === undefined) throw new RangeError(`${name} is not on this machine`)
  const bytes = await readFile(path)
  if (hashOf(bytes) !== hash) throw new RangeError('it is being changed')
  return optimizePicture(bytes, type)
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 32)

/** Returns the size at which a picture is shown, or what is wrong with it. */
function pictureIn(bytes: Buffer, name: string, type: MediaType) {
  const { width, height, orientation = 1, type: kind } = imageSize(bytes)
  if (`image/${kind === 'jpg' ? 'jpeg' : kind}` !== type)
    return `${name} is really a ${kind} file; save it again with the right extension`
  if (width * height > MAX_PIXELS) return `${name} has over 50 megapixels; make it smaller`
  // A camera held upright records its orientation and stores the pixels sideways.
  const [across, down] = orientation >= 5 ? [height, width] : [width, height]
  const shownWidth = Math.min(across, MAX_PICTURE_WIDTH)
  return { width: shownWidth, height: Math.max(1, Math.round((down * shownWidth) / across)) }
}

const described = z.object({
  hash: z.string().regex(/^[0-9a-f]{32}$/),
  type: z.enum(Object.values(MEDIA_TYPES) as [MediaType, ...MediaType[]]),
  width: z.int().exactOptional(),
  height: z.int().exactOptional(),
})

/**
 * Returns the description of a file that is kept among the texts of a series; its content is stored
 * elsewhere.
 */
export const describeMedia = ({ hash, type, width, height }: MediaFile): string =>
  JSON.stringify({ hash, type, width, height })

/** Parses a description made by `describe`. Throws if it is not one. */
export const parseMediaDescription = (name: string, description: string): FoundMedia => ({
  name,
  ...described.parse(JSON.parse(description)),
})

/** An element as written by our Markdown renderer: no other HTML is let in. */
const REFERENCE = /<(img src|a href)="([^"]*)"/g

/** Replaces the names of files in a series with their addresses. */
export function withMediaUrls<T extends Series>(series: T, media: readonly MediaFile[]): T {
  return media.length === 0 ? series : mapHtml(series, mediaUrlReplacer(media))
}

/** Like withMediaUrls, for HTML. */
export function mediaUrlReplacer(media: readonly MediaFile[]): (html: string) => string {
  const byName = new Map(media.map((file) => [file.name, file]))
  return (html) =>
    html.replace(REFERENCE, (element, opening: string, target: string) => {
      const file = byName.get(fileNameIn(target))
      if (!file) return element
      const size = opening === 'img src' ? ` width="${file.width}" height="${file.height}"` : ''
      return `<${opening}="${mediaPath(file)}"${size}`
    })
}
