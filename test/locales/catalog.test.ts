/** Templates contain no words of their own, and every sentence of the catalog is used. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import en from '../../locales/en.json' with { type: 'json' }
import { isKey } from '../../src/locales/locale.ts'
import { sources } from '../support/rooms.ts'
import { ROOT } from '../support/root.ts'

const TEMPLATES = readdirSync(new URL('templates', ROOT), { recursive: true, encoding: 'utf8' })
  .filter((name) => /^(pages|mail)\/.*\.(hbs|mjml|txt)$/.test(name))
  .map((name): [string, string] => [name, readFileSync(new URL(`templates/${name}`, ROOT), 'utf8')])

/** The text of a template that a reader sees: no markup, styles, scripts or values. */
const shownOf = (template: string) =>
  template
    .replace(/\\?\{\{![\s\S]*?\}\}|="\{\{\w+\}\}"/g, '')
    .replace(/<(style|script|mj-style|mj-html-attribute|id)\b[\s\S]*?<\/\1>/g, '')
    .replace(/\\?\{\{\{?[\s\S]*?\}?\}\}/g, '')
    .replace(/\s(?:title|alt|aria-label|placeholder)="([^"]*)"/g, '>$1<')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&\w+;/g, ' ')

/** Names that are the same in every language. */
const NAMES = /\bEMBED_ORIGINS\b/g

it.each(TEMPLATES)('%s contains no words of its own', (_, template) => {
  expect(
    shownOf(template)
      .replace(NAMES, '')
      .match(/\p{L}{2,}/gu) ?? [],
  ).toEqual([])
})

it('words in a template are found', () => {
  const planted = '<p class="lead" title="Here">{{t "page.erased.heading"}} and <b>there</b></p>'
  expect(shownOf(planted).match(/\p{L}{2,}/gu)).toEqual(['Here', 'and', 'there'])
})

const said = [...TEMPLATES.map(([, text]) => text), ...sources.values()].join('\n')
/** Whole keys, and beginnings of keys that a template or the code completes. */
const literals = new Set(said.match(/(?<=['"`])[a-z][a-z0-9-]*(\.[a-z0-9-]+)*\.?(?=['"`$])/g))
const beginnings = [...literals].filter((text) => text.endsWith('.'))

it('every key used in a template is in the catalog', () => {
  const keys = TEMPLATES.flatMap(([name, text]) =>
    [...text.matchAll(/\{\{\{?#?(?:\w+ )?[^}]*?\bt "([^"]+)"/g)].map(([, key = '']) => [name, key]),
  )
  expect(keys.length).toBeGreaterThan(200)
  expect(keys.filter(([, key = '']) => !isKey(key))).toEqual([])
})

it('every sentence of the catalog is used somewhere', () => {
  const silent = Object.keys(en).filter(
    (key) => !literals.has(key) && !beginnings.some((beginning) => key.startsWith(beginning)),
  )
  expect(silent).toEqual([])
})
