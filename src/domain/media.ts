/** Pictures and files that lie beside the texts of a series, and come with its mails and pages. */

/** What may lie there, by its ending. Mail programs show no other pictures everywhere. */
export const MEDIA_TYPES = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  pdf: 'application/pdf',
  epub: 'application/epub+zip',
  zip: 'application/zip',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  ics: 'text/calendar; charset=utf-8',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  odt: 'application/vnd.oasis.opendocument.text',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
} as const satisfies Record<string, string>
export type MediaType = (typeof MEDIA_TYPES)[keyof typeof MEDIA_TYPES]

/** CSS pixels that a picture has in a mail at most: a page of 600 less its margins. */
export const WIDEST_PICTURE = 536

export interface MediaFile {
  /** Path below the folder of the series. */
  readonly name: string
  /** Names its content: the first half of its SHA-256, in hex. */
  readonly hash: string
  readonly type: MediaType
  /** How a picture is shown, in CSS pixels; absent for other files. */
  readonly width?: number
  readonly height?: number
}

/** Where the site serves it: the same content is always there. */
export const mediaPath = ({ hash, name }: Pick<MediaFile, 'hash' | 'name'>) =>
  `/media/${hash}/${encodeURIComponent(name.slice(name.lastIndexOf('/') + 1))}`

const HTML = new Set(['html', 'description'])

/** A copy in which all HTML that an author's Markdown was made into is changed. */
export function inHtml<T>(value: T, change: (html: string) => string, except?: string): T {
  if (Array.isArray(value)) return value.map((item) => inHtml(item, change, except)) as T
  if (typeof value !== 'object' || value === null || isDate(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, property]) => {
      if (key === except) return [key, property]
      return [
        key,
        typeof property === 'string' && HTML.has(key)
          ? change(property)
          : inHtml(property, change, except),
      ]
    }),
  ) as T
}

const isDate = (value: object) => Object.getPrototypeOf(value) !== Object.prototype

/**
 * The same text with the whole addresses of such files, and of articles: a mail lies at no site.
 */
export const withSite = <T extends object>(text: T, siteUrl: string): T =>
  inHtml(
    text,
    (html) => html.replace(/="\/(media|articles)\//g, (_, of) => `="${siteUrl}/${of}/`),
    'series',
  )

/** The type of a file by the ending of its name; undefined where it can be none of these. */
export function mediaTypeOf(name: string): MediaType | undefined {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(MEDIA_TYPES, ending)
    ? MEDIA_TYPES[ending as keyof typeof MEDIA_TYPES]
    : undefined
}
