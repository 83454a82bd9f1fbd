/**
 * Text that is hard to read on its background in the light or dark scheme. Considers inline styles,
 * `bgcolor`, and rules in `<style>`, including those for a dark color scheme, by CSS's cascade.
 *
 * Not considered: text on images and gradients, colors with a name or function that color.ts does
 * not know, rules for narrow screens only, and programs that invert colors themselves (Gmail,
 * Outlook).
 */
import type { CheerioAPI } from 'cheerio'
import {
  type Color,
  compositeOver,
  contrast,
  inHex,
  MIN_CONTRAST,
  readColor,
} from '../../domain/color.ts'
import { SCHEMES, type Scheme } from '../../domain/theme.ts'
import { type CssRule, type Declaration, readDeclarations, readSheet, specificity } from './css.ts'

type Node = ReturnType<CheerioAPI['root']>[0]['children'][number]
type Element = Extract<Node, { attribs: object }>

/** Programs' default colors where a mail sets none: page, text and links. */
const DEFAULT_COLORS: Readonly<Record<Scheme, { page: Color; text: Color; link: Color }>> = {
  light: { page: [255, 255, 255, 1], text: [0, 0, 0, 1], link: [0, 0, 238, 1] },
  dark: { page: [18, 18, 18, 1], text: [255, 255, 255, 1], link: [158, 158, 255, 1] },
}

export interface FaintText {
  readonly mode: Scheme
  readonly color: string
  readonly ground: string
  readonly ratio: number
  /** The element, and the nearest class around it. */
  readonly where: string
}

/** Yields each pair of colors with too little contrast, once per element type and class. */
export function* faintTexts(page: CheerioAPI): Generator<FaintText> {
  const found = new Map<string, Element[]>()
  for (const mode of SCHEMES) {
    const styles = stylesOf(page, mode, found)
    const seenKeys = new Set<string>()
    const body = page('body')[0]
    if (!body) continue
    const { page: ground, text: color } = DEFAULT_COLORS[mode]
    for (const faint of walk(body, { color, ground, name: '' }, styles, mode)) {
      const key = JSON.stringify(faint)
      if (!seenKeys.has(key)) yield faint
      seenKeys.add(key)
    }
  }
}

interface TextColors {
  readonly color: Color | null
  /** Null if it is an image. */
  readonly ground: Color | null
  readonly name: string
}

function* walk(
  element: Element,
  around: TextColors,
  styles: Styles,
  mode: Scheme,
): Generator<FaintText> {
  const style = styles.get(element)
  if (isHidden(style)) return
  const seen = textColorsOf(element, style, around, mode)
  for (const child of element.children) {
    if (isElement(child)) yield* walk(child, seen, styles, mode)
    if (child.type !== 'text' || !/[\p{L}\p{N}]/u.test(child.data)) continue
    const { color, ground } = seen
    if (!color || !ground) continue
    const ink = compositeOver(color, ground)
    const ratio = contrast(ink, ground)
    if (ratio < MIN_CONTRAST)
      yield {
        mode,
        color: inHex(ink),
        ground: inHex(ground),
        ratio,
        where: `<${element.name}>${seen.name}`,
      }
  }
}

const isElement = (node: Node): node is Element => node.type === 'tag'
const isHidden = (style: Style | undefined) =>
  /^none/.test(style?.get('display')?.value ?? '') ||
  /^hidden/.test(style?.get('visibility')?.value ?? '')

function textColorsOf(
  element: Element,
  style: Style | undefined,
  around: TextColors,
  mode: Scheme,
): TextColors {
  const [first] = (element.attribs.class ?? '').split(' ').filter((name) => !name.startsWith('mj-'))
  const name = first ? ` in .${first}` : around.name
  const given = style?.get('color')?.value
  const link =
    element.name === 'a' && element.attribs.href !== undefined
      ? DEFAULT_COLORS[mode].link
      : around.color
  const color = given === undefined ? link : given === 'inherit' ? around.color : readColor(given)
  const back = style?.get('background-color')?.value ?? element.attribs.bgcolor
  if (/url\(|gradient\(/.test(style?.get('background-image')?.value ?? ''))
    return { color, ground: null, name }
  const ownGround = back && back !== 'inherit' ? readColor(back) : null
  const ground =
    ownGround && (ownGround[3] === 1 || around.ground)
      ? compositeOver(ownGround, around.ground ?? ownGround)
      : around.ground
  return { color, ground, name }
}

type Style = Map<string, { readonly value: string; readonly rank: number }>
type Styles = ReadonlyMap<Element, Style>

const RELEVANT_PROPERTIES = new Set([
  'color',
  'background-color',
  'background-image',
  'display',
  'visibility',
])

/**
 * Returns the styles the cascade gives each element: important declarations before inline styles
 * before rules, then by specificity, then by order. `found` caches the elements selectors match on
 * this page.
 */
function stylesOf(page: CheerioAPI, mode: Scheme, found: Map<string, Element[]>): Styles {
  const styles = new Map<Element, Style>()
  const give = (element: Element, text: readonly Declaration[], rank: number) => {
    const style = styles.get(element) ?? new Map()
    styles.set(element, style)
    for (const { property, value, important } of text.flatMap(longhands)) {
      const strength = rank + (important ? IMPORTANT : 0)
      if (RELEVANT_PROPERTIES.has(property) && strength >= (style.get(property)?.rank ?? -1))
        style.set(property, { value, rank: strength })
    }
  }
  for (const element of page('[style]').toArray())
    give(element, readDeclarations(element.attribs.style ?? ''), INLINE)
  for (const [order, { selector, declarations }] of rulesFor(page, mode).entries()) {
    for (const part of selector.split(',')) {
      const elements = found.get(part) ?? matches(page, part.trim())
      found.set(part, elements)
      for (const element of elements) give(element, declarations, specificity(part) * 1_000 + order)
    }
  }
  return styles
}

const INLINE = 1e9
const IMPORTANT = 1e10

/**
 * `background` can set both color and image; the code that reads each of them finds its own part.
 */
const longhands = (declaration: Declaration) =>
  declaration.property === 'background'
    ? [
        { ...declaration, property: 'background-color' },
        { ...declaration, property: 'background-image' },
      ]
    : [declaration]

/** Selectors that only a browser understands, such as `:hover` and `:root`, match nothing here. */
function matches(page: CheerioAPI, selector: string): Element[] {
  if (/:(hover|active|focus|visited|before|after|:)/.test(selector)) return []
  try {
    return page(selector).toArray().filter(isElement)
  } catch {
    return []
  }
}

const rulesFor = (page: CheerioAPI, mode: Scheme): CssRule[] =>
  page('style')
    .toArray()
    .flatMap((style) => readSheet(page(style).text(), style.attribs.media ?? '').rules)
    .filter(
      ({ media, declarations }) =>
        applies(media, mode) && declarations.flatMap(longhands).some(isRelevant),
    )

const isRelevant = ({ property }: { property: string }) => RELEVANT_PROPERTIES.has(property)

const applies = (media: string, mode: Scheme) =>
  media === '' ||
  (/prefers-color-scheme/.test(media) ? media.includes(mode) : /^(all|screen)$/.test(media.trim()))
