/** Which worker receives what comes back, so that a mailbox is read by one at a time. */
import { sql } from 'kysely'
import { type Lease, leaseEnd } from './leases.ts'
import type { Db } from './postgres/sql.ts'

/** Leases a receiver to a worker, or prolongs its lease; false when another worker has it. */
export async function lease(db: Db, name: string, terms: Lease): Promise<boolean> {
  const { rows } = await sql`
    insert into receivers as r (name, worker, lease_until)
    values (${name}, ${terms.worker}, ${leaseEnd(terms)})
    on conflict (name) do update set worker = excluded.worker, lease_until = excluded.lease_until
    where r.worker = excluded.worker or r.lease_until < now()
    returning name`.execute(db)
  return rows.length > 0
}

/** Lets another worker have it at once. */
export const release = (db: Db, name: string, { worker }: Pick<Lease, 'worker'>) =>
  db.deleteFrom('receivers').where('name', '=', name).where('worker', '=', worker).execute()
