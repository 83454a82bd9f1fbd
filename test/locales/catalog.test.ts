/** Nothing that is said stands in templates or code, and nothing in the catalog is said nowhere. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import en from '../../locales/en.json' with { type: 'json' }
import { isKey } from '../../src/locales/locale.ts'
import { sources } from '../support/rooms.ts'
import { ROOT } from '../support/root.ts'

const TEMPLATES = readdirSync(new URL('templates', ROOT), { recursive: true, encoding: 'utf8' })
  .filter((name) => /^(pages|mail)\/.*\.(hbs|mjml|txt)$/.test(name))
  .map((name): [string, string] => [name, readFileSync(new URL(`templates/${name}`, ROOT), 'utf8')])

/** What a reader sees of a template: no markup, no styles, no scripts, no values. */
const shownOf = (template: string) =>
  template
    .replace(/\\?\{\{![\s\S]*?\}\}|="\{\{\w+\}\}"/g, '')
    .replace(/<(style|script|mj-style|mj-html-attribute|id)\b[\s\S]*?<\/\1>/g, '')
    .replace(/\\?\{\{\{?[\s\S]*?\}?\}\}/g, '')
    .replace(/\s(?:title|alt|aria-label|placeholder)="([^"]*)"/g, '>$1<')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&\w+;/g, ' ')

/** Names of things that are the same in every language. */
const NAMES = /\bEMBED_ORIGINS\b/g

it.each(TEMPLATES)('%s holds no words of its own', (_, template) => {
  expect(
    shownOf(template)
      .replace(NAMES, '')
      .match(/\p{L}{2,}/gu) ?? [],
  ).toEqual([])
})

it('finds words in a template where there are some', () => {
  const planted = '<p class="lead" title="Here">{{t "page.erased.heading"}} and <b>there</b></p>'
  expect(shownOf(planted).match(/\p{L}{2,}/gu)).toEqual(['Here', 'and', 'there'])
})

const said = [...TEMPLATES.map(([, text]) => text), ...sources.values()].join('\n')
/** Whole keys, and beginnings of keys that a template or the code puts together. */
const literals = new Set(said.match(/(?<=['"`])[a-z][a-z0-9-]*(\.[a-z0-9-]+)*\.?(?=['"`$])/g))
const beginnings = [...literals].filter((text) => text.endsWith('.'))

it('every key that a template says is in the catalog', () => {
  const keys = TEMPLATES.flatMap(([name, text]) =>
    [...text.matchAll(/\{\{\{?#?(?:\w+ )?[^}]*?\bt "([^"]+)"/g)].map(([, key = '']) => [name, key]),
  )
  expect(keys.length).toBeGreaterThan(200)
  expect(keys.filter(([, key = '']) => !isKey(key))).toEqual([])
})

it('every sentence of the catalog is said somewhere', () => {
  const silent = Object.keys(en).filter(
    (key) => !literals.has(key) && !beginnings.some((beginning) => key.startsWith(beginning)),
  )
  expect(silent).toEqual([])
})
