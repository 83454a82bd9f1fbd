/** A mail rendered for several readers, with everything it was made of; the input of the rules. */
import { type CheerioAPI, load } from 'cheerio'
import type { Content, Edition, EditionSource, Letterhead, Reader } from '../edition.ts'
import { rawOf } from '../mail.ts'
import { compose } from '../message/compose.ts'
import { authoredText, compileLayout, type Layout, layoutOf } from '../render/compile.ts'
import { joinFlowed } from '../render/flowed.ts'
import { frameOf } from '../render/frames.ts'
import type { MailTemplates } from '../render/templates.ts'
import { FROM, HOSTILE, LETTERHEAD, STAMP, sampleReader, withFieldValues } from './samples.ts'

/** A content, and where its author wrote it. */
export interface LocatedContent {
  readonly content: Content
  readonly file: string
  readonly line: number
}

/** A message as parsed from its bytes. */
export interface ParsedMessage {
  readonly reader: Reader
  readonly subject: string
  readonly raw: Buffer
  /** Header fields, unfolded, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly html: string
  readonly text: string
}

export interface Rendering extends LocatedContent {
  /** The layout with marks, before and after MJML; and the function that inserts the texts. */
  readonly mjml: string
  readonly frame: string
  readonly fill: Layout['fill']
  readonly source: EditionSource
  readonly letterhead: Letterhead
  /** The language of Dawnpost's own words. */
  readonly language: string
  readonly sample: ParsedMessage
  readonly nameless: ParsedMessage
  readonly hostile: readonly (ParsedMessage & { readonly what: string })[]
  /** The sample reader's page. */
  readonly page: CheerioAPI
}

/**
 * Renders one mail for all readers; without the `hostile` ones if they were already tried on the
 * same frame and the text has no slot, because readers then make no difference. Throws if no mail
 * can be made of the content.
 */
export async function render(
  written: LocatedContent,
  templates: MailTemplates,
  tried: Set<string> = new Set(),
): Promise<Rendering> {
  const { content } = written
  const layout = layoutOf(content, templates, LETTERHEAD)
  const { mjml, fill } = layout
  const frame = `${content.series.slug} ${mjml}`
  const hostile = tried.has(frame) && !authoredText(content).includes('{{') ? [] : HOSTILE
  tried.add(frame)
  const edition = await compileLayout(content, layout)
  const locale = templates.locales.of(content.series.language)
  const reader = sampleReader(locale)
  const named = (firstName: string) =>
    composeAndParse(edition, withFieldValues({ ...reader, firstName }, content.series, firstName))
  const sample = composeAndParse(edition, withFieldValues(reader, content.series))
  return {
    ...written,
    mjml,
    frame: await frameOf(mjml),
    fill,
    source: edition.source(),
    letterhead: LETTERHEAD,
    language: locale.language,
    sample,
    nameless: named(''),
    hostile: hostile.map(([what, name]) => ({ what, ...named(name) })),
    page: load(sample.html, { xml: { xmlMode: false } }),
  }
}

function composeAndParse(edition: Edition, reader: Reader): ParsedMessage {
  const mail = compose(edition, reader, STAMP, FROM)
  const raw = rawOf(mail)
  return { reader, subject: mail.subject, raw, ...parseMessage(raw) }
}

/** Parses a composed message: a header, and two quoted-printable parts (skeleton.ts). */
export function parseMessage(raw: Buffer): Pick<ParsedMessage, 'fields' | 'html' | 'text'> {
  const [header = '', ...rest] = raw.toString('latin1').split('\r\n\r\n')
  const fields = header
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map(
      (line) =>
        [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
    )
  const [, boundary = ''] = /boundary="([^"]+)"/.exec(header) ?? []
  const [, text = '', html = ''] = rest
    .join('\r\n\r\n')
    .split(new RegExp(`(?:^|\\r\\n)--${RegExp.escape(boundary)}`))
  return { fields, text: joinFlowed(decoded(text)), html: decoded(html) }
}

function decoded(part: string): string {
  const body = part.slice(part.indexOf('\r\n\r\n') + 4).replace(/=\r\n/g, '')
  const bytes = body.replace(/=([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8').replace(/\r\n/g, '\n')
}
