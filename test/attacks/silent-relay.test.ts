/** A relay that answers for most mails, but never for some. */
import { describe, it } from 'vitest'
import { enrolled, testApp } from '../support/app.ts'
import { ledger } from '../support/ledger.ts'
import { openRelay } from '../support/relay.ts'
import { until } from '../support/wait.ts'

describe('a relay that never answers for some mails', () => {
  it('does not hold up others, even if every running job has one of these', async () => {
    const silence = Promise.withResolvers<void>()
    let [messages, silent] = [0, 0]
    await using relay = await openRelay({
      answer: async (step) => {
        if (step !== 'end' || ++messages > silent) return undefined
        await silence.promise
        return 'drop'
      },
    })
    await using test = await testApp({ env: { SMTP_URL: relay.url } })
    silent = test.app.sender.concurrency
    for (let number = 0; number < silent + 2; number++)
      await enrolled(test, { email: `r${number}@example.com`, series: ['inner-wisdom'] })
    await test.db.deleteFrom('ledger').execute()
    test.clock.set('2027-03-20T06:00:00Z')
    await test.app.sender.plan()
    for (const { id } of await ledger(test)) await test.app.sender.queue.enqueue([id])
    await test.work()
    try {
      await until('the others to be sent', () => {
        // Some may be deferred for seconds, because the silent ones occupy their provider's share
        // of the connections.
        test.clock.set(test.app.now().add({ milliseconds: 100 }))
        return relay.taken.length === 2
      })
      const sending = async () =>
        (await ledger(test)).filter(({ status }) => status === 'sending').length
      await until(
        'all but the silent ones to be written down',
        async () => (await sending()) === silent,
      )
    } finally {
      silence.resolve()
    }
  })
})
