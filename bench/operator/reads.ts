/** What the database read meanwhile: its own counts, by table. */
import pg from 'pg'

export interface Reads {
  /** Pages of 8 kB, from memory or disk. */
  readonly blocks: number
  /** Rows that were gone through without an index, by table; those of small tables left out. */
  readonly scanned: Readonly<Record<string, number>>
}

/** A table is small as long as nobody minds that all of it is read. */
const SMALL = 1_000

/**
 * All connections of this process; to be called before there are any. `explained` is given what
 * auto_explain tells.
 */
export function watchConnections(explained: (plan: string) => void) {
  const { prototype } = pg.Client
  const { connect } = prototype
  const open = new Set<pg.Client>()
  prototype.connect = function (this: pg.Client, ...args: Parameters<typeof connect>) {
    open.add(this)
    this.on('notice', ({ message = '' }) => {
      if (message.includes('plan:')) explained(message)
    })
    this.once('end', () => open.delete(this))
    return connect.apply(this, args)
  } as typeof connect

  /**
   * What was counted, once every connection has told of what it has read: by itself it would some
   * seconds later.
   */
  async function flushedCounts(client: pg.Client) {
    await Promise.allSettled(
      [...open].map((connection) => connection.query('select pg_stat_force_next_flush()')),
    )
    return counted(client)
  }

  return async (
    client: pg.Client,
    work: () => Promise<unknown>,
  ): Promise<Reads & { ms: number }> => {
    const before = await flushedCounts(client)
    const begun = performance.now()
    await work()
    const ms = performance.now() - begun
    return { ms, ...difference(before, await flushedCounts(client)) }
  }
}

/**
 * Has the database tell the plan of every statement that takes longer, to whoever connects from now
 * on.
 */
export async function explainSlow(client: pg.Client, ms: number): Promise<void> {
  const { rows } = await client.query('select quote_ident(current_database()) as name')
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': String(ms),
    'auto_explain.log_level': 'notice',
    'auto_explain.log_nested_statements': 'on',
    'auto_explain.log_parameter_max_length': '0',
  }
  for (const [setting, value] of Object.entries(settings))
    await client.query(`alter database ${rows[0].name} set ${setting} = '${value}'`)
}

function difference(before: Counts, after: Counts): Reads {
  const scanned = [...after].flatMap(([table, { rows }]) => {
    const more = rows - (before.get(table)?.rows ?? 0)
    return more > SMALL ? [[table, more] as const] : []
  })
  const blocks = (all: Counts) => [...all.values()].reduce((sum, reads) => sum + reads.blocks, 0)
  return { blocks: blocks(after) - blocks(before), scanned: Object.fromEntries(scanned) }
}

type Counts = Awaited<ReturnType<typeof counted>>

async function counted(client: pg.Client) {
  const { rows } = await client.query<{ name: string; rows: number; blocks: number }>(`
    select s.relname as name, s.seq_tup_read::float8 as rows,
      (coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read,
      0) + coalesce(idx_blks_hit, 0))::float8 as blocks
    from pg_stat_user_tables s join pg_statio_user_tables using (relid)
      where s.schemaname = 'public'`)
  return new Map(rows.map(({ name, ...of }) => [name, of]))
}
