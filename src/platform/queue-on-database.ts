/**
 * Why a queue cannot be on a database, and what to do about it: found out at the start, or by the
 * queue itself.
 */

export const BEHIND_POOLER =
  'a queue on PostgreSQL listens, which needs a connection of its own, and a pooler (pgbouncer) lends one for a transaction. Set REDIS_URL, or a DATABASE_URL that goes straight to the server.'

/** @param role of DATABASE_URL, where it is known. */
export const mayMakeNoSchema = (role: string | null) => {
  const [its, to] =
    role === null ? ['the role of DATABASE_URL', '…'] : [`the role "${role}"`, `"${role}"`]
  return `it needs a schema of its own, and ${its} may not make one. Set REDIS_URL, run "dawnpost migrate" once as a role that may, or have the database's owner run: grant create on database … to ${to}`
}
