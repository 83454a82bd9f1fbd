/** The bloat benchmark: a short month on the suite's servers, and its verdict. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { live } from '../../bench/bloat/mornings.ts'
import {
  bloated,
  bytesOf,
  percentOver,
  rewrite,
  type Size,
  sizesIn,
  vacuumWhatIsDue,
} from '../../bench/bloat/sizes.ts'
import { openMailbox } from '../support/mailbox.ts'
import { scratchOf } from '../support/scratch.ts'

const MB = 2 ** 20
const table = (name: string, mb: number, index: string | null = null): Size => ({
  table: name,
  index,
  bytes: mb * MB,
})

describe('a table', () => {
  it('may be a fifth larger than a fresh copy, including indexes', () => {
    const fresh = [table('kept', 50), table('kept', 50, 'kept_key')]
    const rest = table('rest', 900)
    const tooMuch = (sizes: readonly Size[]) => bloated([...sizes, rest], [...fresh, rest]).tooMuch
    expect(tooMuch([table('kept', 40), table('kept', 80, 'kept_key')])).toEqual([])
    expect(tooMuch([table('kept', 51), table('kept', 70, 'kept_key')])).toEqual(['kept'])
  })

  it('may be larger if it was so long before, unless the total is too large', () => {
    const fresh = [table('kept', 400), table('due', 10)]
    const sizes = [table('kept', 410), table('due', 30)]
    const of = (earlier: number) =>
      bloated(sizes, fresh, [table('kept', 200), table('due', earlier)])
    expect(of(28)).toEqual({ tooMuch: [], steady: ['due'] })
    expect(of(20)).toEqual({ tooMuch: ['due'], steady: [] })
    expect(bloated([table('due', 30)], [table('due', 10)], [table('due', 30)])).toEqual({
      tooMuch: ['all tables together'],
      steady: [],
    })
  })

  it('that is emptied repeatedly may have a hundredth of the total', () => {
    const fresh = [table('kept', 400), table('passing', 0)]
    expect(bloated([table('kept', 400), table('passing', 4)], fresh).tooMuch).toEqual([])
    expect(bloated([table('kept', 400), table('passing', 5)], fresh).tooMuch).toEqual(['passing'])
  })

  it('is measured in percent of its fresh copy', () => {
    expect([percentOver(120, 100), percentOver(100, 100)]).toEqual([20, 0])
  })
})

describe('in a database', () => {
  let client: pg.Client
  let drop: () => Promise<void>
  beforeAll(async () => {
    const scratch = await scratchOf('template0')
    drop = scratch.drop
    client = new pg.Client(scratch.url)
    await client.connect()
    await client.query(`
      create table parted (id int primary key, note text) partition by range (id);
      create table parted_low partition of parted for values from (0) to (20000);
      create table parted_high partition of parted for values from (20000) to (40000);
      create index on parted (note);
      insert into parted select n, md5(n::text) from generate_series(0, 39999) n;
      create table untouched (id int)`)
  })
  afterAll(async () => {
    await client.end()
    await drop()
  })

  it('partitions are measured as one table, including their indexes', async () => {
    const sizes = await sizesIn(client)
    expect(sizes.map((one) => `${one.table} ${one.index}`)).toEqual([
      'parted null',
      'parted parted_note_idx',
      'parted parted_pkey',
      'untouched null',
    ])
    const { rows } = await client.query(
      `select (pg_total_relation_size('parted_low') + pg_total_relation_size('parted_high'))::int as
        bytes`,
    )
    expect(bytesOf(sizes, 'parted')).toBe(rows[0].bytes)
  })

  it('dead rows show in comparison with a rewrite, and are vacuumed once that is due', async () => {
    await client.query('delete from parted where id % 2 = 0')
    await client.query('select pg_stat_clear_snapshot()')
    const before = await sizesIn(client)
    expect(await untilDue()).toBe(2)
    expect(await vacuumWhatIsDue(client)).toBe(0)
    await rewrite(client, ['parted'])
    const fresh = await sizesIn(client)
    expect(percentOver(bytesOf(before, 'parted'), bytesOf(fresh, 'parted'))).toBeGreaterThan(80)
    expect(bloated(before, fresh).tooMuch).toEqual(['all tables together'])
  })

  /** Repeats, since the statistics of one connection reach the others a second later. */
  async function untilDue(): Promise<number> {
    for (;;) {
      const vacuumed = await vacuumWhatIsDue(client)
      if (vacuumed > 0) return vacuumed
    }
  }
})

it('a month of two mornings is run as fast as possible', async () => {
  await using stack = new AsyncDisposableStack()
  const mailbox = stack.use(await openMailbox())
  const scratch = stack.adopt(await scratchOf(inject('templates').live), (one) => one.drop())
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'dawnpost-bloat-')), (path) =>
    rm(path, { recursive: true }),
  )
  const { after, last, fresh } = await live(
    {
      databaseUrl: scratch.url,
      redisUrl: inject('redisUrl'),
      smtpUrl: mailbox.url,
      folder,
      taken: async () => mailbox.received.length,
    },
    { people: 3, mornings: 2, measured: [1], progress: () => {} },
  )
  expect(mailbox.received).toHaveLength(6)
  expect([...after.keys()]).toEqual([1])
  expect(fresh.map(({ table: name }) => name).toSorted()).toEqual(
    last.map(({ table: name }) => name).toSorted(),
  )
})
