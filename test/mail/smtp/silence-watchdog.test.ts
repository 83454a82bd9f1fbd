/** A server that accepts a message and then says nothing more. */
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { verdictOn } from '../../../src/domain/verdict.ts'
import type { MimeMessage } from '../../../src/mail/mail.ts'
import { openSilenceWatchdog } from '../../../src/mail/smtp/silence-watchdog.ts'
import { openPool, type SmtpPool } from '../../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { until } from '../../support/wait.ts'

const LONG = 600_000
const MESSAGE: MimeMessage = [
  Buffer.from('Subject: Good morning\r\n\r\n'),
  Buffer.from('Hello.\r\n'),
]

let server: Mailbox
let pool: SmtpPool
let heard: number
let unanswered: (() => void)[]

describe('a pool whose server falls silent', () => {
  beforeEach(async () => {
    heard = 0
    unanswered = []
    server = await openMailbox({
      closeTimeout: 100,
      onData: async (stream, _session, done) => {
        await once(stream.resume(), 'end')
        heard += 1
        if (heard > 2) done()
        else unanswered.push(done)
      },
    })
  })
  afterEach(async () => {
    await pool.close()
    await server[Symbol.asyncDispose]()
  })

  const send = (reader: number) =>
    pool.send({ from: 'morning@courses.example', to: `reader${reader}@example.com` }, MESSAGE)

  /** Two mails that the server has and does not acknowledge, occupying all the connections. */
  async function twoInSilence(timeouts: { ofWaiting: number; ofSent: number }) {
    pool = openPool(readServer(`${server.url}?connections=2`), undefined, timeouts)
    const outcomes: string[] = []
    for (const reader of [0, 1]) {
      send(reader).then(
        () => outcomes.push(`${reader} taken`),
        (error) => outcomes.push(`${reader} ${verdictOn(error)}`),
      )
      await until('the server to have it', () => heard === reader + 1)
    }
    return outcomes
  }

  it('frees one connection for the others by giving up the mail that has waited longest', async () => {
    const outcomes = await twoInSilence({ ofWaiting: LONG, ofSent: 300 })
    await Promise.all([2, 3, 4, 5].map(send))
    expect(outcomes[0]).toBe('0 unknown')
  })

  it('keeps waiting for an answer while no other mail needs a connection', async () => {
    const outcomes = await twoInSilence({ ofWaiting: 1, ofSent: 1 })
    for (const answer of unanswered) answer()
    await until('both to be taken', () => outcomes.length === 2)
    expect(outcomes.sort()).toEqual(['0 taken', '1 taken'])
  })

  it('turns waiting mails away so that they can go through another server', async () => {
    const outcomes = await twoInSilence({ ofWaiting: 50, ofSent: LONG })
    const turned = await Promise.all([2, 3].map((reader) => send(reader).catch(verdictOn)))
    expect(turned).toEqual(['transport', 'transport'])
    expect(outcomes).toEqual([])
    expect(heard).toBe(2)
  })

  it('also turns away mails that arrived while the connections were being opened', async () => {
    pool = openPool(readServer(`${server.url}?connections=2`), undefined, {
      ofWaiting: 50,
      ofSent: LONG,
    })
    const turned: string[] = []
    for (const reader of [0, 1, 2, 3]) send(reader).catch((error) => turned.push(verdictOn(error)))
    await until('two to be turned away', () => turned.length === 2)
    expect(heard).toBe(2)
  })
})

describe('a server that is silent on every connection while mails wait', () => {
  const MINUTE = 60_000

  /** Three mails occupy all the connections; each one given up is replaced by another. */
  function silentServer() {
    const givenUp: { mail: number; minute: number; age: number }[] = []
    const answers: (() => void)[] = []
    const silence = openSilenceWatchdog({ length: () => 1, turnAway: () => {} })
    let next = 0
    const sendOne = () => {
      const [mail, begunAt] = [next++, performance.now()]
      const answered = silence.begin(() => {
        const nowMs = performance.now()
        givenUp.push({ mail, minute: nowMs / MINUTE, age: (nowMs - begunAt) / MINUTE })
        answered()
        sendOne()
      })
      answers.push(answered)
    }
    for (let connection = 0; connection < 3; connection++) sendOne()
    silence.watch()
    return { givenUp, answers }
  }

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is probed less and less often, so most mails get the minutes RFC 5321 allows them', () => {
    const { givenUp } = silentServer()
    vi.advanceTimersByTime(10 * MINUTE)
    expect(givenUp.map(({ mail, age }) => [mail, Math.round(age)])).toEqual([
      [0, 1],
      [1, 3],
      [2, 7],
    ])
  })

  it('is probed after a minute again once it has answered', () => {
    const { givenUp, answers } = silentServer()
    vi.advanceTimersByTime(5 * MINUTE)
    answers[2]?.()
    vi.advanceTimersByTime(1.5 * MINUTE)
    expect(givenUp.map(({ mail, minute }) => [mail, Math.round(minute)])).toEqual([
      [0, 1],
      [1, 3],
      [3, 6],
    ])
  })
})
