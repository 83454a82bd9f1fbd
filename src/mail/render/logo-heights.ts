/** Display heights of the site's logos, so that programs that show no images reserve the space. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { imageSizeFromFile } from 'image-size/fromFile'

/** Display width of every logo in pixels: see templates/mail/partials/layout.mjml. */
const WIDTH = 160
/** Maximum height in pixels; a higher logo is hardly intended and gets no height. */
const MAX_HEIGHT = 400

/** Heights in pixels by the paths used in a theme, such as `/assets/logo.png`. */
export type LogoHeights = ReadonlyMap<string, number>

/**
 * Reads the PNG files of these folders; for the same name, a later folder wins. Files that are not
 * images are omitted; `dawnpost check` reports them.
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
    return shownHeight > 0 && shownHeight <= MAX_HEIGHT ? shownHeight : null
  } catch {
    return null
  }
}
