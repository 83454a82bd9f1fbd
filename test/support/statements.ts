/** What is asked of a database: the texts of all statements, whoever sends them. */
import pg from 'pg'

export interface Statements extends Disposable {
  /** Runs `work` and gives the statements that were sent to that database meanwhile, in order. */
  during(databaseUrl: string, work: () => Promise<unknown>): Promise<string[]>
}

/** Listens from now on: to be opened before what is listened to connects. */
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
