/** Which worker receives returning mail, so that only one at a time reads a mailbox. */
import { sql } from 'kysely'
import { type Lease, leaseEnd } from './leases.ts'
import type { Db } from './postgres/sql.ts'

/** Leases a receiver to a worker, or renews its lease; false if another worker holds it. */
export async function lease(db: Db, name: string, terms: Lease): Promise<boolean> {
  const { rows } = await sql`
    insert into receivers as r (name, worker, lease_until)
    values (${name}, ${terms.worker}, ${leaseEnd(terms)})
    on conflict (name) do update set worker = excluded.worker, lease_until = excluded.lease_until
    where r.worker = excluded.worker or r.lease_until < now()
    returning name`.execute(db)
  return rows.length > 0
}

/** Lets another worker have it immediately. */
export const release = (db: Db, name: string, { worker }: Pick<Lease, 'worker'>) =>
  db.deleteFrom('receivers').where('name', '=', name).where('worker', '=', worker).execute()
