/**
 * Pictures as the site serves them: sharp on any screen, no larger than that, and without secrets.
 */
import type { Sharp } from 'sharp'
import { type MediaType, WIDEST_PICTURE } from '../domain/media.ts'

/** Two pixels for each that a mail shows. */
const MOST_ACROSS = 2 * WIDEST_PICTURE
const QUALITY = 84

/**
 * The bytes that are served of a picture: upright, and no wider than a screen with two pixels in
 * the place of one shows it. A photograph loses what its camera wrote into it, such as the place. A
 * GIF, which may move, stays as it is, and so does everything where sharp, which is optional, is
 * not installed. Rejects when the picture is broken.
 */
export async function served(bytes: Buffer, type: MediaType): Promise<Buffer> {
  const open = await sharp()
  if (!open || !(type === 'image/jpeg' || type === 'image/png')) return bytes
  const picture = open(bytes).autoOrient()
  const { width, exif } = await open(bytes).metadata()
  if (type === 'image/png' && width <= MOST_ACROSS) return bytes
  if (width <= MOST_ACROSS && !exif) return bytes
  return encoded(picture.resize({ width: MOST_ACROSS, withoutEnlargement: true }), type)
}

const encoded = (picture: Sharp, type: MediaType) =>
  type === 'image/jpeg'
    ? picture.jpeg({ quality: QUALITY, mozjpeg: true }).toBuffer()
    : picture.png({ compressionLevel: 9 }).toBuffer()

/** Null where it is not installed. */
const sharp = () =>
  import('sharp').then(
    ({ default: open }) => open,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ERR_MODULE_NOT_FOUND') return null
      throw cause
    },
  )
