/** What the database has read, by its own counts for each table. */
import pg from 'pg'

export interface Reads {
  /** Pages of 8 kB, from memory or disk. */
  readonly blocks: number
  /** Rows scanned without an index, by table, except small tables. */
  readonly scanned: Readonly<Record<string, number>>
}

/** Rows up to which a table is small, so that scanning it does no harm. */
const SMALL = 1_000

/**
 * Watches all connections of this process; must be called before there are any. `explained` gets
 * the plans from auto_explain.
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
   * The counts, after every connection has flushed its own, which by default would happen some
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

/** Has the database send the plan of every slower statement on all connections from now on. */
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
