/** Rules about what mail programs can show: CSS they do not support, and unreadable colors. */
import { MIN_CONTRAST, ratioInWords } from '../../domain/color.ts'
import type { Rule, Spot } from '../../domain/finding.ts'
import { lowContrastPairs, paletteIn } from '../../domain/theme.ts'
import { type FaintText, faintTexts } from './contrast.ts'
import { type Declaration, readDeclarations, readSheet } from './css.ts'
import type { Rendering } from './rendering.ts'

interface UnsupportedCss {
  readonly matches: (declaration: Declaration) => boolean
  readonly instead: string
}

const property =
  (names: RegExp, values = /./) =>
  ({ property: name, value }: Declaration) =>
    names.test(name) && values.test(value)

/**
 * Declarations that a major program (Gmail, Outlook for Windows, Apple Mail, Yahoo) drops or gets
 * wrong so that the layout breaks. What merely looks plainer, such as `border-radius`, is omitted.
 * Written from experience with these programs; in doubt, consult caniemail.com.
 */
const UNSUPPORTED_CSS: readonly UnsupportedCss[] = [
  {
    matches: property(/^position$/, /absolute|fixed|sticky|relative/),
    instead: 'use table cells and padding',
  },
  { matches: property(/^(float|clear)$/, /left|right|both/), instead: 'use columns of a table' },
  { matches: property(/^display$/, /flex|grid/), instead: 'use mj-column, which makes tables' },
  {
    matches: property(/^(flex|grid|align-items|justify-content|gap)(-|$)/),
    instead: 'use mj-column and padding',
  },
  { matches: property(/^margin(-|$)/, /(^|\s)-\d*\.?\d/), instead: 'use less padding around it' },
  { matches: property(/^(transform|animation|transition)(-|$)/), instead: 'leave it out' },
  {
    matches: property(/^(filter|clip-path|mask|object-fit|mix-blend-mode|aspect-ratio)$/),
    instead: 'edit the image itself',
  },
  { matches: property(/./, /\b(calc|var|min|max|clamp)\(/), instead: 'write the value itself' },
  { matches: property(/^--/), instead: 'write the value where it is used' },
]

/** At-rules and selectors that are dropped, often with the whole style sheet around them. */
const UNKNOWN_AT = /^@(import|font-face|supports|container|layer|keyframes)\b/
const UNKNOWN_SELECTOR = /:(has|is|where|not)\(/

/** Half of all mail is read in programs that support less CSS than a browser of 2010. */
function* clientCss(mail: Rendering): Generator<Spot> {
  const messages = new Set<string>()
  for (const declarations of declarationsIn(mail)) {
    for (const declaration of declarations) {
      const limit = UNSUPPORTED_CSS.find(({ matches }) => matches(declaration))
      if (limit)
        messages.add(
          `${declaration.property}: ${declaration.value} does not work in all major mail programs; ${limit.instead}`,
        )
    }
    if (hasBareImage(declarations))
      messages.add(
        'a background image has no color behind it; set background-color too, since Outlook shows no image',
      )
  }
  for (const { at, rules } of sheetsIn(mail)) {
    for (const rule of at.filter((atRule) => UNKNOWN_AT.test(atRule)))
      messages.add(`${rule} is dropped by most mail programs; remove it`)
    for (const { selector } of rules.filter(({ selector }) => UNKNOWN_SELECTOR.test(selector)))
      messages.add(`the selector ${selector} is not understood by most mail programs; use a class`)
  }
  for (const message of messages) yield spotIn(mail, message)
}

const sheetsIn = ({ page }: Rendering) =>
  page('style')
    .toArray()
    .map((style) => readSheet(page(style).text()))

const declarationsIn = (mail: Rendering) => [
  ...mail
    .page('[style]')
    .toArray()
    .map((element) => readDeclarations(element.attribs.style ?? '')),
  ...sheetsIn(mail).flatMap(({ rules }) => rules.map(({ declarations }) => declarations)),
]

/** Where the image is not shown, text on it appears on whatever is below. */
const hasBareImage = (declarations: readonly Declaration[]) =>
  declarations.some(property(/^background(-image)?$/, /url\(/)) &&
  !declarations.some(property(/^background(-color)?$/, /#[0-9a-f]{3}|rgb|\b(white|black)\b/i))

/** WCAG asks for a contrast of 4.5 to 1; it applies to the light and the dark scheme. */
function* lowContrast(mail: Rendering): Generator<Spot> {
  for (const faint of faintTexts(mail.page)) {
    if (isOfTheme(mail, faint)) continue
    const { mode, color, ground, ratio, where } = faint
    yield spotIn(
      mail,
      `text in ${where} is ${color} on ${ground} in the ${mode} scheme, ${ratioInWords(ratio)}; make it ${MIN_CONTRAST} to 1 or more`,
    )
  }
}

/** Colors chosen by a theme are reported once, at the theme: src/content/check/theme-rules.ts. */
function isOfTheme(
  { content: { series } }: Rendering,
  { mode, color, ground }: FaintText,
): boolean {
  const look = paletteIn(mode, series.theme)
  return (
    series.theme?.[mode] !== undefined &&
    lowContrastPairs(look).some((pair) => look[pair.ink] === color && look[pair.ground] === ground)
  )
}

export const spotIn = (
  { file, line }: Pick<Rendering, 'file' | 'line'>,
  message: string,
): Spot => ({
  file,
  line,
  message,
})

export const CLIENT_RULES: readonly Rule<Rendering>[] = [
  { name: 'client-css', severity: 'warning', find: clientCss },
  { name: 'contrast', severity: 'error', find: lowContrast },
]
