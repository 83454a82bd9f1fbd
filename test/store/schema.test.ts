/** src/store/schema.sql is what the migrations make. `npm run schema` writes it. */
import { readFile, writeFile } from 'node:fs/promises'
import { expect, inject, it } from 'vitest'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { schemaOf } from '../support/schema.ts'
import { scratchOf } from '../support/scratch.ts'

const FILE = new URL('../../src/store/schema.sql', import.meta.url)

it('the schema that can be read is the one that the migrations make', async () => {
  const scratch = await scratchOf(inject('templates').bare)
  const database = await openDatabase(scratch.url, () => {})
  try {
    const schema = await schemaOf(database.pool)
    if (process.env.WRITE_SCHEMA) await writeFile(FILE, schema)
    expect(await readFile(FILE, 'utf8')).toBe(schema)
  } finally {
    await database.close()
    await scratch.drop()
  }
})
