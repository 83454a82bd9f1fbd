/** Arrays reach the database unchanged. */
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { arrayLiteral } from '../../../src/store/postgres/sql.ts'
import { testApp } from '../../support/app.ts'

const TEXTS = [
  'plain',
  '',
  ' ',
  'NULL',
  'null',
  null,
  'a "quoted" word',
  "it's",
  'back\\slash and \\"both\\"',
  '\\',
  '"',
  '{1,2}',
  'a,b',
  'line\nbreak\ttab',
  'ß é 漢字 🌅 \u00a0',
  '$1 $& %s',
]

it('arrays of texts, numbers, booleans and bytes come back as they were sent', async () => {
  await using test = await testApp()
  const { rows } = await sql`
    select ${TEXTS}::text[] as texts, ${[1, -2.5, 0, null]}::float8[] as numbers,
      ${[true, false, null]}::boolean[] as truths, ${[]}::text[] as none,
      array(select encode(b, 'hex') from unnest(${[Buffer.from([0, 34, 92, 255]), null]}::bytea[])
        as b) as bytes`.execute(test.db)
  expect(rows).toEqual([
    {
      texts: TEXTS,
      numbers: [1, -2.5, 0, null],
      truths: [true, false, null],
      none: [],
      bytes: ['00225cff', null],
    },
  ])
})

it('arrays with other elements are left to the driver', () => {
  const bytes = [Buffer.from('a')]
  expect(arrayLiteral(bytes)).toBe(bytes)
  expect(arrayLiteral([undefined, 'a'])).toBe('{NULL,"a"}')
})
