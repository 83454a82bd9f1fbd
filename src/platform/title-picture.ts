/**
 * A picture made from a title, as social networks show it next to a link: 1200 by 630 pixels, PNG.
 */
import { createHash } from 'node:crypto'
import type { Sharp, SharpOptions } from 'sharp'
import { directionOf } from '../domain/direction.ts'
import type { Palette } from '../domain/theme.ts'

export const PICTURE_SIZE = { width: 1200, height: 630 } as const

export interface TitlePicture {
  readonly title: string
  readonly author: string
  readonly site: string
  /** BCP 47 tag of the title. */
  readonly language: string
  readonly look: Pick<Palette, 'page' | 'text' | 'soft' | 'line' | 'button'>
}

/** Version of the drawing: to be changed when the same words are drawn differently. */
const DRAWING = 1

/** Returns a name for a picture derived from all its content: 16 hexadecimal digits. */
export const pictureName = (picture: TitlePicture): string =>
  createHash('sha256')
    .update(JSON.stringify([DRAWING, picture]))
    .digest('hex')
    .slice(0, 16)

type Open = (options: SharpOptions) => Sharp

/** Returns a function that draws titles; null if sharp (optional) or every font is missing. */
export async function openTitlePictures(): Promise<((of: TitlePicture) => Promise<Buffer>) | null> {
  const open = await sharp()
  return open && (await hasFonts(open)) ? (of) => draw(of, open) : null
}

const sharp = (): Promise<Open | null> =>
  import('sharp').then(
    ({ default: open }) => open,
    () => null, // not installed, or not for this machine
  )

const MARGIN = 80
const TEXT_WIDTH = PICTURE_SIZE.width - 2 * MARGIN
/** Maximum height of the title, above the line with the names. */
const MAX_TITLE_HEIGHT = 330
/** In pixels; the first that fits is used. */
const SIZES = [84, 72, 62, 54, 46, 38, 30, 22]
const SMALL = 28

async function draw({ title, author, site, language, look }: TitlePicture, open: Open) {
  const isRtl = directionOf(language).direction === 'rtl'
  const write = (text: string, size: number, color: string) =>
    wordsIn(open, { text, size, color, language })
  const heading = await fitting((size) => write(title, size, look.text))
  const names = await write(author === site ? site : `${author} · ${site}`, SMALL, look.soft)
  const at = ({ raw }: Drawn) => (isRtl ? PICTURE_SIZE.width - MARGIN - raw.width : MARGIN)
  return open({ create: { ...PICTURE_SIZE, channels: 3, background: look.page } })
    .composite([
      { input: Buffer.from(sunrise(look, isRtl)), left: 0, top: 0 },
      { ...heading, left: at(heading), top: 90 },
      { ...names, left: at(names), top: PICTURE_SIZE.height - 105 },
    ])
    .png({ palette: true, effort: 3 })
    .toBuffer()
}

/** The background: the sun of the site's mark on a line. */
function sunrise({ line, button }: TitlePicture['look'], isRtl: boolean) {
  const { width, height } = PICTURE_SIZE
  const [ground, radius] = [height - 135, 44]
  const x = isRtl ? MARGIN + radius : width - MARGIN - radius
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<rect x="${MARGIN}" y="${ground}" width="${TEXT_WIDTH}" height="3" fill="${line}"/>
<path d="M${x - radius} ${ground}a${radius} ${radius} 0 0 1 ${2 * radius} 0z" fill="${button}"/>
</svg>`
}

interface Words {
  readonly text: string
  readonly size: number
  readonly color: string
  readonly language: string
}

/** Pixels to be composited onto the background. */
interface Drawn {
  readonly input: Buffer
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 4 }
}

async function fitting(write: (size: number) => Promise<Drawn>): Promise<Drawn> {
  let drawn: Drawn | undefined
  for (const size of SIZES) {
    drawn = await write(size)
    if (drawn.raw.height <= MAX_TITLE_HEIGHT) return drawn
  }
  if (!drawn) throw new Error('there is no size')
  return drawn
}

/** At 72 dpi a point is a pixel. A word longer than a line is broken. */
async function wordsIn(open: Open, { text, size, color, language }: Words): Promise<Drawn> {
  const markup = `<span lang="${escaped(language)}" foreground="${color}">${escaped(text)}</span>`
  const { data, info } = await open({
    text: {
      text: markup,
      font: `Georgia, serif ${size}`,
      width: TEXT_WIDTH,
      dpi: 72,
      rgba: true,
      wrap: 'word-char',
      spacing: Math.round(size / 8),
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  return { input: data, raw: { width, height, channels: 4 } }
}

const escaped = (text: string) =>
  text
    .replace(/\p{Cc}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/** Without fonts every letter is drawn alike. */
async function hasFonts(open: Open): Promise<boolean> {
  const [first, other] = await Promise.all(
    ['H', 'o'].map((text) =>
      wordsIn(open, { text, size: 30, color: '#000000', language: 'en' }).catch(() => null),
    ),
  )
  return !!first && !!other && !first.input.equals(other.input)
}
