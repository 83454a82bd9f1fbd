/**
 * Which PostgreSQL the tests run on: the bundled one, or that of `npm run test:postgres`.
 */
import { chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findPrograms,
  type Machine,
  thisMachine,
} from '../../src/store/postgres/embedded-programs.ts'

/** The folder with the binaries of another PostgreSQL. */
export const OTHER_PROGRAMS = process.env.TEST_POSTGRES

/** This machine, with the PostgreSQL binaries for the test servers. */
export const testMachine = (): Machine => ({
  ...thisMachine(),
  ...(OTHER_PROGRAMS !== undefined && { programs: OTHER_PROGRAMS }),
})

/**
 * An empty folder for the data of a server. It belongs to the server's account, since before
 * version 16 the binaries must be able to return to the folder in which they were started.
 */
export async function serverFolder(machine: Machine): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-test-'))
  const { account } = await findPrograms({ machine, owner: null })
  if (account && machine.programs !== undefined) await chown(path, account.uid, account.gid)
  return path
}
