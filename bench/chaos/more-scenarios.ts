/** More scenarios: mail servers as they are in the wild, and a restored backup. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backUp, restore } from '../../src/app/backups.ts'
import type { Scenario } from './scenarios.ts'
import { settle } from './settle.ts'
import type { Stage } from './stage.ts'
import { begin, cutEvery, reached } from './steps.ts'

/** The connection limit of a relay; a worker wants ten. */
const CAP = 3
/** Mails that a relay never acknowledges: fewer than there are connections. */
const SILENT = 12
const OUTAGE_MS = 5_000

export const MORE: readonly Scenario[] = [
  {
    name: 'capped-relay',
    does: 'each SMTP server takes three connections; its worker wants ten',
    play: async (stage) => {
      stage.recorder.play({ most: CAP })
      await begin(stage)
      await settle(stage)
    },
  },
  {
    name: 'silent-relay',
    does: 'SMTP never answers for twelve mails, and cuts their connections when all others are through',
    play: async (stage) => {
      const release = Promise.withResolvers<void>()
      stage.recorder.play({ silent: ({ nth }) => (nth <= SILENT ? release.promise : undefined) })
      stage.cuts += SILENT
      await begin(stage)
      await stage.until('all others', () => stage.recorder.count() >= stage.terms.due - SILENT)
      release.resolve()
      await settle(stage)
    },
  },
  {
    name: '354-close',
    does: 'every fifth connection is closed right after the 354; the mail has not been accepted',
    play: async (stage) => {
      stage.recorder.play({ data: cutEvery(stage, 5, 'hang up') })
      await begin(stage)
      await settle(stage)
    },
  },
  {
    name: 'redis-readonly',
    does: 'Redis is a replica for five seconds, and takes no writes',
    backends: ['redis'],
    play: async (stage) => {
      await begin(stage)
      await reached(stage, 0.3)
      await stage.servers.demoteRedis(OUTAGE_MS)
      await settle(stage)
    },
  },
  {
    name: 'full-disk',
    does: 'the disk of PostgreSQL is full for five seconds',
    smallDisk: true,
    play: async (stage) => {
      await begin(stage)
      await reached(stage, 0.3)
      stage.losses.push(...every(stage))
      await stage.servers.withFullDisk(() => stage.pause(OUTAGE_MS))
      await settle(stage)
    },
  },
  {
    name: 'unplannable',
    does: 'one enrollment cannot be planned until all others have their mail',
    play: async (stage) => {
      const firstEnrollment = `(select id from enrollments order by id limit 1)`
      await stage.query(
        `update enrollments set zone = 'Mars/Olympus' where id = ${firstEnrollment}`,
      )
      await begin(stage)
      await stage.until('all others', () => stage.recorder.count() >= stage.terms.due - 1)
      await stage.query(
        `update enrollments set zone = 'America/New_York', due_at = due_at + interval '1 second'
          where id = ${firstEnrollment}`,
      )
      await settle(stage)
    },
  },
  {
    name: 'restore',
    does: 'a backup from before the morning is put back after it; what was due since is counted as sent',
    play: async (stage) => {
      const folder = await mkdtemp(join(tmpdir(), 'dawnpost-backup-'))
      try {
        await putBack(stage, join(folder, 'backup'))
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  },
]

async function putBack(stage: Stage, file: string): Promise<void> {
  const { app, fleet, recorder, query, violations } = stage
  await backUp(app.config, { file, now: stage.now(), log: app.log })
  await begin(stage)
  await settle(stage)
  for (const { worker } of every(stage)) await fleet.kill(worker)
  await query(
    'drop schema public cascade; create schema public; drop schema if exists bullmq cascade',
  )
  await restore(app.config, { file, now: stage.now(), log: app.log })
  // As after a restore by other tools, which do not record it.
  await query('update lineage set held_since = null, held_from = null')
  const before = recorder.count()
  await stage.setClock(stage.now())
  await Promise.all(every(stage).map(({ worker }) => fleet.start(worker)))
  await stage.until(
    'the restore to be noticed',
    async () => (await app.operator.status()).heldSince !== null,
  )
  await app.operator.restored.countAsSent(stage.now())
  await settle(stage)
  if (recorder.count() > before)
    violations.push(`${recorder.count() - before} mails went out after the restore`)
}

const every = ({ fleet }: Stage) =>
  Array.from({ length: fleet.size }, (_, worker) => ({ worker, at: Date.now() }))
