/**
 * The JSON Schemas in docs/schema, which editors complete from, match the keys that are
 * read. `npm run schema` writes them.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { articleSchema } from '../../src/content/article-keys.ts'
import { schemas } from '../../src/content/keys.ts'
import { siteSchema } from '../../src/content/site-keys.ts'

const all = { ...schemas(), site: siteSchema(), article: articleSchema() }

it.each(Object.entries(all))('%s matches docs/schema', async (name, schema) => {
  const file = new URL(`../../docs/schema/${name}.json`, import.meta.url)
  if (process.env.WRITE_SCHEMA) await writeFile(file, `${JSON.stringify(schema, null, 2)}\n`)
  const kept = await readFile(file, 'utf8')
  expect(JSON.parse(kept)).toEqual(JSON.parse(JSON.stringify(schema)))
})
