/** Which schema of a database holds the tables, and which those of a queue on it. */
import { messageOf, Problem } from '../../domain/problem.ts'
import type { Database } from './sql.ts'

/**
 * Returns the schema of the site's tables: the first of the search path. It is created if missing,
 * so that nothing ends up in the next one. Throws a Problem if it must not be.
 */
export async function ownSchema(
  { pool, server: { schema, wanted, role, path } }: Database,
  { where, existing }: { where: string; existing: true | undefined },
): Promise<string> {
  // The default is the role's own schema, if there is one, or else "public".
  if (schema === wanted || (schema && /^\s*"?\$user"?/.test(path)) || existing)
    return schema ?? wanted
  const name = `"${wanted.replaceAll('"', '""')}"`
  try {
    await pool.query(`create schema if not exists ${name}`)
  } catch (cause) {
    throw new Problem('unavailable', 'operator.database.no-schema', {
      params: { where, schema: name, cause: messageOf(cause), role },
      cause,
    })
  }
  return wanted
}

/**
 * Returns the schema of a queue on this database, alongside that of the tables: two installations
 * in one database have a queue each. Throws a Problem where there can be no queue.
 */
export async function queueSchema(
  { pool, server: { pooled, role } }: Database,
  { where, schema, existing }: { where: string; schema: string; existing: true | undefined },
): Promise<string> {
  // BullMQ accepts only plain names.
  const name = schema === 'public' ? 'bullmq' : `bullmq_${schema.replace(/\W/g, '_')}`.slice(0, 63)
  // A caller that creates nothing may never need it.
  if (existing) return name
  if (pooled)
    throw new Problem('unavailable', 'operator.queue.behind-pooler', { params: { where } })
  const { rows } = await pool.query(
    `select has_database_privilege(current_database(), 'create') as "mayCreate"`,
  )
  if (!rows[0].mayCreate)
    throw new Problem('unavailable', 'operator.queue.no-schema', { params: { where, role } })
  return name
}
