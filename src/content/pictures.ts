/**
 * Pictures as the site serves them: sharp on any screen, no larger than needed, without private
 * metadata.
 */
import type { Sharp } from 'sharp'
import { MAX_PICTURE_WIDTH, type MediaType } from '../domain/media.ts'

/** Two pixels for each one shown in a mail. */
const MAX_WIDTH = 2 * MAX_PICTURE_WIDTH
const QUALITY = 84

/**
 * Returns the bytes to serve for a picture: upright, and at most as wide as a screen of double
 * density needs. Photographs lose their camera's metadata, such as the location. GIFs, which may be
 * animated, are unchanged, and so is everything if sharp, which is optional, is not installed.
 * Rejects if the picture is broken.
 */
export async function optimizePicture(bytes: Buffer, type: MediaType): Promise<Buffer> {
  const open = await sharp()
  if (!open || !(type === 'image/jpeg' || type === 'image/png')) return bytes
  const picture = open(bytes).autoOrient()
  const { width, exif } = await open(bytes).metadata()
  if (type === 'image/png' && width <= MAX_WIDTH) return bytes
  if (width <= MAX_WIDTH && !exif) return bytes
  return encoded(picture.resize({ width: MAX_WIDTH, withoutEnlargement: true }), type)
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
