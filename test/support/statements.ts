/** The texts of all statements sent to a database, by any client of this process. */
import pg from 'pg'

export interface Statements extends Disposable {
  /** Runs `work` and returns the statements sent to that database meanwhile, in order. */
  during(databaseUrl: string, work: () => Promise<unknown>): Promise<string[]>
}

/** Listens from now on; open it before the clients connect. */
export function openStatements(): Statements {
  const { prototype } = pg.Client
  const { query } = prototype
  let sent: { database: string | undefined; text: string }[] = []
  const listening = function (this: pg.Client, ...args: Parameters<typeof query>) {
    const [first] = args as unknown[]
    const text = typeof first === 'string' ? first : String((first as { text?: unknown }).text)
    sent.push({ database: this.database, text })
    return query.apply(this, args)
  }
  prototype.query = listening as typeof query
  return {
    during: async (databaseUrl, work) => {
      const name = new URL(databaseUrl).pathname.slice(1)
      sent = []
      await work()
      return sent.filter(({ database }) => database === name).map(({ text }) => text)
    },
    [Symbol.dispose]: () => {
      prototype.query = query
    },
  }
}
