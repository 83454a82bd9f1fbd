/**
 * Pictures as the site serves them: sharp on any screen, no larger than needed, without private
 * metadata.
 */
import type { Sharp } from 'sharp'
import { type MediaType, WIDEST_PICTURE } from '../domain/media.ts'

/** Two pixels for each one shown in a mail. */
const MOST_ACROSS = 2 * WIDEST_PICTURE
const QUALITY = 84

/**
 * Returns the bytes to serve for a picture: upright, and at most as wide as a screen of double
 * density needs. Photographs lose their camera's metadata, such as the location. GIFs, which may be
 * animated, are unchanged, and so is everything if sharp, which is optional, is not installed.
 * Rejects if the picture is broken.
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

/** Null if sharp is not installed. */
const sharp = () =>
  import('sharp').then(
    ({ default: open }) => open,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ERR_MODULE_NOT_FOUND') return null
      throw cause
    },
  )
