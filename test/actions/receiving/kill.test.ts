/** kill -9 while the mailbox is being read: each bounce is counted once and none is lost. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { bounceOf, sentMails } from '../../support/bounces.ts'
import { MAIL_SERVERS_ARE_HERE, openDovecot } from '../../support/mail-servers.ts'
import { launch } from '../../support/program.ts'
import { until } from '../../support/wait.ts'

const READERS = 40
const KILLS = 3

const counted = async ({ db }: TestApp) =>
  (
    await sql<{ reports: number; mails: number }>`
    select count(*)::int as reports, count(distinct delivery_id)::int as mails
      from reports`.execute(db)
  ).rows[0] ?? { reports: 0, mails: 0 }

it.skipIf(!MAIL_SERVERS_ARE_HERE)(
  'counts each bounce once, however often the worker reading the mailbox is killed',
  async () => {
    await using dovecot = await openDovecot()
    await using test = await testApp({ env: { BOUNCE_DOMAIN: 'bounces.example' } })
    for (let number = 0; number < READERS; number++)
      await enrolled(test, { email: `reader${number}@example.com`, series: ['inner-wisdom'] })
    await test.settle()
    const mails = await sentMails(test)
    expect(mails.length).toBeGreaterThanOrEqual(READERS)
    await dovecot.put(...mails.map((mail) => bounceOf(mail)))
    const folder = await mkdtemp(join(tmpdir(), 'dawnpost-test-'))
    const worker = () =>
      launch(['worker'], {
        DATABASE_URL: test.app.databaseUrl,
        DATA_DIR: join(folder, 'data'),
        SECRET_KEY: 'a key for tests and for nothing else',
        POSTAL_ADDRESS: '1 Test Lane, Testville',
        BOUNCE_DOMAIN: 'bounces.example',
        BOUNCE_IMAP_URL: dovecot.url,
        LOG_LEVEL: 'warn',
      })
    for (let kill = 1; kill <= KILLS; kill++) {
      await using killed = worker()
      const some = Math.ceil((mails.length * kill) / (KILLS + 1))
      await until('some bounces', async () => (await counted(test)).reports >= some)
      killed.kill('SIGKILL')
      await killed.ended
      expect((await counted(test)).reports).toBeLessThan(mails.length)
      // Its lease would take a minute to expire.
      await sql`update receivers set lease_until = now() - interval '1 second'`.execute(test.db)
    }
    await using last = worker()
    await until('every bounce', async () => (await counted(test)).reports >= mails.length)
    last.kill('SIGTERM')
    await last.ended
    expect(await counted(test)).toEqual({ reports: mails.length, mails: mails.length })
    await rm(folder, { recursive: true })
  },
)
