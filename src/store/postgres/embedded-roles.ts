/**
 * Roles and rights in the embedded PostgreSQL. The program's role owns its database and nothing
 * else; a superuser, whose password is read only when a program starts, makes both.
 *
 * Up to version 0.1 the program's role was the superuser that created the cluster. PostgreSQL
 * cannot take that from it, so it gets another name and password, and a new role takes its place
 * and its belongings.
 */
import pg from 'pg'
import { SECOND } from '../../domain/time.ts'

export const PROGRAM = 'dawnpost'
export const SUPERUSER = 'dawnpost_admin'
/** Renames the old superuser, which cannot rename itself. */
const INTERIM = 'dawnpost_interim'
const DATABASE = 'dawnpost'

/** Of two programs that start simultaneously, one is first. */
const LOCK = 7_264_011

export interface Access {
  readonly port: number
  readonly passwords: { readonly program: string; readonly superuser: string }
}

/** Returns the address by which a role reaches a database. */
export function connectionUrl({ port, passwords }: Access, role: string, database: string): string {
  const password = role === PROGRAM ? passwords.program : passwords.superuser
  return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
}

/** Connects as `role` for one piece of work. */
async function asRole<T>(
  role: string,
  access: Access,
  work: (client: pg.Client) => Promise<T>,
  database = 'postgres',
): Promise<T> {
  const connectionString = connectionUrl(access, role, database)
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2 * SECOND })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Returns whether the server is ours: a login works, as of now or as of version 0.1. */
export async function isOurs(access: Access): Promise<boolean> {
  const works = (role: string) => asRole(role, access, async () => true).catch(() => false)
  return (await works(SUPERUSER)) || (await works(PROGRAM))
}

/**
 * Makes the program's role and its database, or ensures that they are as they should be.
 *
 * @returns whether the cluster was one of version 0.1.
 */
export async function ensureRoles(
  access: Access,
  options: { createsDatabases?: true | undefined },
): Promise<boolean> {
  const wasOld = await replaceOldSuperuser(access)
  await asRole(SUPERUSER, access, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await ensureProgramRole(client, access, options)
    const { rows } = await client.query(
      'select pg_get_userbyid(datdba) as owner from pg_database where datname = $1',
      [DATABASE],
    )
    if (rows.length === 0) await client.query(`create database ${DATABASE} owner ${PROGRAM}`)
    else if (rows[0].owner !== PROGRAM) await transferOwnership(access)
  })
  return wasOld
}

/**
 * Errors in its statements go to the program, which knows how to write them without addresses, and
 * not to the server's log.
 */
async function ensureProgramRole(
  client: pg.Client,
  { passwords }: Access,
  { createsDatabases }: { createsDatabases?: true | undefined },
) {
  const has = async (role: string) =>
    (await client.query('select from pg_roles where rolname = $1', [role])).rowCount === 1
  if (!(await has(PROGRAM))) await client.query(`create role ${PROGRAM}`)
  const checkpoints = createsDatabases && (await has('pg_checkpoint'))
  const rights = `login nosuperuser nocreaterole noreplication nobypassrls ${createsDatabases ? 'createdb' : 'nocreatedb'}`
  await client.query(
    `alter role ${PROGRAM} with ${rights} password ${client.escapeLiteral(passwords.program)};
     alter role ${PROGRAM} set log_min_messages = fatal;
     revoke all on database postgres, template1 from public;
     ${checkpoints ? `grant pg_checkpoint to ${PROGRAM};` : ''}
     drop role if exists ${INTERIM}`,
  )
}

async function replaceOldSuperuser(access: Access): Promise<boolean> {
  const isDone = () => asRole(SUPERUSER, access, async () => true).catch(() => false)
  if (await isDone()) return false
  const password = `password '${access.passwords.superuser}'`
  return asRole(PROGRAM, access, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK])
    if (await isDone()) return false
    const { rows } = await client.query(
      'select rolsuper from pg_roles where rolname = current_user',
    )
    if (!rows[0].rolsuper) {
      throw new Error(
        'its superuser has another password than the one in postgres.admin-password: put both back from one backup',
      )
    }
    await client.query(
      `drop role if exists ${INTERIM}; create role ${INTERIM} superuser login ${password}`,
    )
    await asRole(INTERIM, access, (other) =>
      other.query(
        `begin; alter role ${PROGRAM} rename to ${SUPERUSER}; alter role ${SUPERUSER} ${password};
         create role ${PROGRAM}; commit`,
      ),
    )
    return true
  })
}

/**
 * Gives the program everything in its database that a superuser made; the database itself last, as
 * the sign that it is done.
 */
async function transferOwnership(access: Access) {
  const work = async (client: pg.Client) => {
    await client.query('begin')
    const { rows } = await client.query<{ command: string }>(BELONGINGS)
    for (const { command } of rows) await client.query(`${command} owner to ${PROGRAM}`)
    await client.query(`alter database ${DATABASE} owner to ${PROGRAM}; commit`)
  }
  await asRole(SUPERUSER, access, work, DATABASE)
}

/**
 * Sequences of columns follow their tables, as do the types of tables; arrays follow their types.
 */
const BELONGINGS = `
  with ours as (select oid, nspname from pg_namespace where nspname !~ '^pg_'
    and nspname <> 'information_schema')
  select format('alter schema %I', nspname) as command from ours where nspname <> 'public'
  union all
  select format('alter %s %s', case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
      when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end, c.oid::regclass)
    from pg_class c join ours on ours.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not exists (select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i', 'e')
        and d.refobjsubid > 0)
  union all
  select format('alter routine %s', p.oid::regprocedure) from pg_proc p
    join ours on ours.oid = p.pronamespace
    where not exists (select from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype in ('i', 'e'))
  union all
  select format('alter type %s', t.oid::regtype) from pg_type t
    join ours on ours.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where t.typtype in ('e', 'd', 'r') or (t.typtype = 'c' and c.relkind = 'c')`
