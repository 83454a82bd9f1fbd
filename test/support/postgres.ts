/**
 * Which PostgreSQL the tests run on: the one that is installed, or that of `npm run test:postgres`.
 */
import { chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findPrograms,
  type Machine,
  thisMachine,
} from '../../src/store/postgres/embedded-programs.ts'

/** The folder of another PostgreSQL's programs. */
export const OTHER_PROGRAMS = process.env.TEST_POSTGRES

/** This machine, with the programs that the servers of the tests are run by. */
export const testMachine = (): Machine => ({
  ...thisMachine(),
  ...(OTHER_PROGRAMS !== undefined && { programs: OTHER_PROGRAMS }),
})

/**
 * An empty folder for a server's data. Before PostgreSQL 16 its programs look for themselves and
 * must find the way back to where they were started, so it is theirs.
 */
export async function serverFolder(machine: Machine): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-test-'))
  const { account } = await findPrograms({ machine, owner: null })
  if (account && machine.programs !== undefined) await chown(path, account.uid, account.gid)
  return path
}
