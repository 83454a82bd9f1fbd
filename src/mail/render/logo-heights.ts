/**
 * How high the logos of this site are in a mail: a program that shows no images keeps their place.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { imageSizeFromFile } from 'image-size/fromFile'

/** How wide every logo is shown, in pixels: see templates/mail/partials/layout.mjml. */
const WIDTH = 160
/** A logo of more is left without: its height would be nobody's wish. Pixels. */
const HIGHEST = 400

/** Heights in pixels by the paths that a theme names, as `/assets/logo.png`. */
export type LogoHeights = ReadonlyMap<string, number>

/**
 * Reads the PNG files of these folders, of which a later one wins by name. One that is no picture
 * is left out: `dawnpost check` tells of it.
 */
export async function readLogoHeights(folders: readonly string[]): Promise<LogoHeights> {
  const heights = new Map<string, number>()
  for (const folder of folders)
    for (const name of await readdir(folder).catch(() => [])) {
      if (!/^[a-z0-9-]+\.png$/.test(name)) continue
      const height = await heightOf(join(folder, name))
      if (height !== null) heights.set(`/assets/${name}`, height)
    }
  return heights
}

async function heightOf(file: string): Promise<number | null> {
  try {
    const { width, height } = await imageSizeFromFile(file)
    const shownHeight = Math.round((height * WIDTH) / width)
    return shownHeight > 0 && shownHeight <= HIGHEST ? shownHeight : null
  } catch {
    return null
  }
}
