/** src/store/schema.sql is the result of the migrations. `npm run schema` writes it. */
import { readFile, writeFile } from 'node:fs/promises'
import { expect, inject, it } from 'vitest'
import { schemaOf } from '../support/schema.ts'
import { openScratch } from '../support/scratch.ts'

const FILE = new URL('../../src/store/schema.sql', import.meta.url)

it('schema.sql matches the result of the migrations', async () => {
  const database = await openScratch(inject('templates').bare)
  try {
    const schema = await schemaOf(database.pool)
    if (process.env.WRITE_SCHEMA) await writeFile(FILE, schema)
    expect(await readFile(FILE, 'utf8')).toBe(schema)
  } finally {
    await database.close()
  }
})
