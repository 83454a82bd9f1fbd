/**
 * Reports that a stranger can forge pause nothing: anybody who got a mail can write a report about
 * it.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { ask, type TestApp } from '../../support/app.ts'
import {
  addressOf,
  BOUNCE,
  COMPLAINT,
  comesBack,
  enrollAll,
  morningOf,
  NO_SPF,
  nextMorning,
  openWithLog,
} from '../../support/came-back.ts'
import type { keptLog } from '../../support/log.ts'
import { openMailbox } from '../../support/mailbox.ts'

/** All of them belong to one stranger. */
const ATTACKERS = [1, 2, 3, 4, 5].map((one) => `me@host${one}.stranger.example`)

let test: TestApp
let kept: ReturnType<typeof keptLog>
let closing = new AsyncDisposableStack()
afterEach(async () => {
  await closing.disposeAsync()
  closing = new AsyncDisposableStack()
})

async function open(env?: Record<string, string>) {
  const opened = await openWithLog(env)
  test = closing.use(opened.test)
  kept = opened.kept
}
async function morning(people: number, env?: Record<string, string>) {
  await open(env)
  await morningOf(test, people)
}
const pauses = () => test.app.operator.pauses.list()
const paused = async () => Object.keys((await pauses()).paused)

describe('complaints', () => {
  it('forged from one domain only warn, however many they are and whatever subdomains they use', async () => {
    await morning(0)
    await enrollAll(test, ATTACKERS)
    await nextMorning(test)
    for (const address of ATTACKERS) await comesBack(test, COMPLAINT, { address })
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
    expect((await pauses()).warned).toHaveProperty('inner-wisdom')
    // These come from a provider's webhook, so they are trusted.
    for (const address of ATTACKERS.slice(0, 3))
      await comesBack(test, COMPLAINT, { address, source: 'postmark' })
    await test.app.sender.guard()
    expect(await paused()).toEqual(['inner-wisdom'])
  })
})

describe('hard bounces', () => {
  it('from one domain pause nothing', async () => {
    await morning(15)
    await enrollAll(test, ATTACKERS)
    await nextMorning(test)
    for (const address of ATTACKERS) await comesBack(test, BOUNCE, { address })
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
  })
})

describe('reports that our set-up is wrong', () => {
  it('pause nothing if they are about confirm mails, be it by report or in SMTP', async () => {
    const mailbox = closing.use(
      await openMailbox({
        onRcptTo: ({ address }, _session, done) => {
          const said = '5.7.27 SPF did not pass'
          const isRefused = address.startsWith('no@')
          done(isRefused ? Object.assign(new Error(said), { responseCode: 550 }) : null)
        },
      }),
    )
    await morning(0, { SMTP_URL: mailbox.url })
    const refusing = [1, 2, 3, 4, 5].map((one) => `no@refuses${one}.example`)
    const reporting = [1, 2, 3, 4, 5].map((one) => `me@reports${one}.example`)
    for (const email of [...refusing, ...reporting])
      await ask(test, { email, series: ['inner-wisdom'] })
    await test.settle()
    for (const address of reporting) await comesBack(test, NO_SPF, { address, kind: 'confirm' })
    await test.app.sender.guard()
    expect(await pauses()).toEqual({ paused: {}, warned: {} })
  })

  it('only warn if they come by mail, and not even that if all are from one domain', async () => {
    await morning(5)
    await enrollAll(test, ATTACKERS)
    test.clock.set(test.app.now().add({ minutes: 10 }))
    for (const address of ATTACKERS) await comesBack(test, NO_SPF, { address, kind: 'welcome' })
    await test.app.sender.guard()
    expect(await pauses()).toEqual({ paused: {}, warned: {} })
    await nextMorning(test)
    for (const reader of [0, 1, 2, 3, 4])
      await comesBack(test, NO_SPF, { address: addressOf(reader) })
    await test.app.sender.guard()
    await test.app.sender.guard()
    expect(await paused()).toEqual([])
    expect((await pauses()).warned['*']).toMatchObject({
      evidence: { fault: 'spf', count: 5 },
      sentence: expect.stringMatching(/SPF did not pass .*nothing is paused/),
    })
    const told = kept.messages().filter((words) => /our setup is wrong/.test(words))
    expect(told).toHaveLength(1)
  })

  it('do not pause again if they are about mails sent before the series was resumed', async () => {
    await morning(5)
    const byWebhook = (reader: number) =>
      comesBack(test, NO_SPF, { address: addressOf(reader), source: 'postmark' })
    for (const reader of [0, 1, 2, 3, 4]) await byWebhook(reader)
    await test.app.sender.guard()
    expect(await paused()).toEqual(['*'])
    test.clock.set(test.app.now().add({ minutes: 5 }))
    await test.app.operator.pauses.resume(null)
    test.clock.set(test.app.now().add({ minutes: 5 }))
    for (const reader of [0, 1, 2, 3, 4]) await byWebhook(reader)
    await test.app.sender.guard()
    expect(await pauses()).toEqual({ paused: {}, warned: {} })
  })
})
