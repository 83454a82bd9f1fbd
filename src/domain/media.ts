/** Pictures and files next to the texts of a series, which come with its mails and pages. */

/** Accepted file types, by extension. Not all mail programs show other picture formats. */
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

/** Maximum width of a picture in a mail, in CSS pixels: a page of 600 less its margins. */
export const MAX_PICTURE_WIDTH = 536

export interface MediaFile {
  /** Path below the folder of the series. */
  readonly name: string
  /** Identifies its content: the first half of its SHA-256, in hex. */
  readonly hash: string
  readonly type: MediaType
  /** Displayed size of a picture, in CSS pixels; absent for other files. */
  readonly width?: number
  readonly height?: number
}

/** Path at which the site serves it; the content of a path never changes. */
export const mediaPath = ({ hash, name }: Pick<MediaFile, 'hash' | 'name'>) =>
  `/media/${hash}/${encodeURIComponent(name.slice(name.lastIndexOf('/') + 1))}`

const HTML = new Set(['html', 'description'])

/** Returns a copy in which `change` is applied to all HTML rendered from an author's Markdown. */
export function mapHtml<T>(value: T, change: (html: string) => string, except?: string): T {
  if (Array.isArray(value)) return value.map((item) => mapHtml(item, change, except)) as T
  if (typeof value !== 'object' || value === null || isDate(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, property]) => {
      if (key === except) return [key, property]
      return [
        key,
        typeof property === 'string' && HTML.has(key)
          ? change(property)
          : mapHtml(property, change, except),
      ]
    }),
  ) as T
}

const isDate = (value: object) => Object.getPrototypeOf(value) !== Object.prototype

/** Makes the links to media and articles in a text absolute: a mail has no site of its own. */
export const withSiteUrls = <T extends object>(text: T, siteUrl: string): T =>
  mapHtml(
    text,
    (html) => html.replace(/="\/(media|articles)\//g, (_, of) => `="${siteUrl}/${of}/`),
    'series',
  )

/** Returns the type of a file by its extension; undefined if it is not accepted. */
export function mediaTypeOf(name: string): MediaType | undefined {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(MEDIA_TYPES, ending)
    ? MEDIA_TYPES[ending as keyof typeof MEDIA_TYPES]
    : undefined
}
