/**
 * A pseudo-language: English with other letters, so that text in templates or code that bypasses
 * the catalog stands out.
 */
import { parse } from '@formatjs/icu-messageformat-parser'
import { printAST } from '@formatjs/icu-messageformat-parser/printer.js'
import en from '../../locales/en.json' with { type: 'json' }
import type { Catalog } from '../../src/locales/locale.ts'

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const OTHER = [...'ȧƀƈḓḗƒɠħīĵķŀḿƞǿƥɋřşŧŭṽẇẋẏẑȦƁƇḒḖƑƓĦĪĴĶĿḾȠǾƤɊŘŞŦŬṼẆẊẎẐ']
const otherLetters = (text: string) =>
  [...text].map((letter) => OTHER[PLAIN.indexOf(letter)] ?? letter).join('')

type Element = ReturnType<typeof parse>[number]

/** Also within arguments, plurals and tags, whose names are kept. */
function inOtherLetters(element: Element): Element {
  if ('children' in element) return { ...element, children: element.children.map(inOtherLetters) }
  if ('options' in element) {
    const options = Object.entries(element.options).map(([name, { value }]) => [
      name,
      { value: value.map(inOtherLetters) },
    ])
    return { ...element, options: Object.fromEntries(options) }
  }
  const isText = element.type === 0
  return isText ? { ...element, value: otherLetters(element.value) } : element
}

export const PSEUDO = Object.fromEntries(
  Object.entries(en).map(([key, text]) => [key, printAST(parse(text).map(inOtherLetters))]),
) as Catalog
