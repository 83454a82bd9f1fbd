/** Which clients are counted by network, and which are not. */
import { expect, it } from 'vitest'
import { openClientLimiter } from '../../../src/mail/receive/client-limiter.ts'

const MOST = 3
const caps = openClientLimiter({
  connectionsEach: 20,
  eachPerMinute: MOST,
  allPerMinute: 1_000,
  longestMs: 1_000,
})

const answersTo = async (address: string | undefined) => {
  const answers: (string | undefined)[] = []
  for (let count = 0; count <= MOST; count++) answers.push((await caps.mail(address))?.message)
  return answers
}

it.each(['198.51.100.7', '172.17.0.1', '10.1.2.3', '::ffff:192.168.1.1', 'fd00::1'])(
  'a client at %s has a limit of mails a minute',
  async (address) => {
    const answers = await answersTo(address)
    expect(answers.slice(0, MOST)).toEqual(Array(MOST).fill(undefined))
    expect(answers.at(-1)).toContain('Too much at a time')
  },
)

it.each([undefined, '127.0.0.1', '127.1.2.3', '::ffff:127.0.0.1', '::1'])(
  'a mail server on this machine (%s) is not limited, as it relays for everybody',
  async (address) => {
    expect(await answersTo(address)).toEqual(Array(MOST + 1).fill(undefined))
  },
)
