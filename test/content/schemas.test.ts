/**
 * The JSON Schemas in docs/schema, which editors complete from, are those of the keys that are
 * read.
 */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { articleSchema } from '../../src/content/article-keys.ts'
import { schemas } from '../../src/content/keys.ts'
import { siteSchema } from '../../src/content/site-keys.ts'

const all = { ...schemas(), site: siteSchema(), article: articleSchema() }

it.each(Object.entries(all))('%s is what docs/schema says', async (name, schema) => {
  const kept = await readFile(new URL(`../../docs/schema/${name}.json`, import.meta.url), 'utf8')
  expect(JSON.parse(kept)).toEqual(JSON.parse(JSON.stringify(schema)))
})
