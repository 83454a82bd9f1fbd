import { describe, expect, it } from 'vitest'
import { openProofOfWork } from '../../src/security/proof-of-work.ts'
import { openSecrets } from '../../src/security/secrets.ts'
import { answerTo, packed, solve } from '../support/altcha.ts'

const KEY = 'a key for tests and for nothing else'
const NEWER = 'a newer key of some length'
const NOW = Temporal.Instant.from('2027-03-20T06:00:00Z')
const proofsWith = (...keys: string[]) => openProofOfWork(openSecrets(keys))
const { challenge, solved } = proofsWith(KEY)

const asked = challenge('a-course', NOW)
const solution = solve(asked)
const answer = packed({ challenge: asked, solution })

describe('work that was done', () => {
  it('is accepted, and yields the nonce of its challenge', async () => {
    expect(await solved('a-course', answer, NOW)).toBe(asked.parameters.nonce)
    expect(await proofsWith(NEWER, KEY).solved('a-course', answer, NOW)).toBe(
      asked.parameters.nonce,
    )
  })

  it('is accepted whatever the order of its keys', async () => {
    const parameters = Object.fromEntries(Object.entries(asked.parameters).reverse())
    const turned = packed({ solution, challenge: { signature: asked.signature, parameters } })
    expect(await solved('a-course', turned, NOW)).toBe(asked.parameters.nonce)
  })

  it('is refused for another form, with another key, or after ten minutes', async () => {
    expect(await solved('another', answer, NOW)).toBeNull()
    expect(await proofsWith(NEWER).solved('a-course', answer, NOW)).toBeNull()
    expect(await solved('a-course', answer, NOW.add({ seconds: 599 }))).not.toBeNull()
    expect(await solved('a-course', answer, NOW.add({ seconds: 600 }))).toBeNull()
  })
})

describe('a challenge', () => {
  it('is different each time', () => {
    const names = Array.from({ length: 20 }, () => challenge('a-course', NOW).parameters.nonce)
    expect(new Set(names).size).toBe(20)
  })

  it('has the format of ALTCHA version 2', () => {
    expect(asked).toEqual({
      parameters: {
        algorithm: 'PBKDF2/SHA-256',
        cost: 5_000,
        data: { form: 'a-course' },
        expiresAt: NOW.epochMilliseconds / 1_000 + 600,
        keyLength: 32,
        keyPrefix: '00',
        nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
        salt: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      signature: expect.any(String),
    })
  })

  const changed = (parameters: object) =>
    packed({
      challenge: { ...asked, parameters: { ...asked.parameters, ...parameters } },
      solution,
    })

  it.each<[string, string]>([
    ['for less work', changed({ cost: 1 })],
    ['for a shorter prefix', changed({ keyPrefix: '' })],
    ['for longer', changed({ expiresAt: asked.parameters.expiresAt + 1 })],
    ['for another form', changed({ data: { form: 'another' } })],
    ['with another salt', changed({ salt: '0'.repeat(32) })],
    ['with another name', changed({ nonce: '0'.repeat(32) })],
    ['without a signature', packed({ challenge: { ...asked, signature: '' }, solution })],
    [
      'with the signature of another',
      packed({
        challenge: { ...asked, signature: challenge('a-course', NOW).signature },
        solution,
      }),
    ],
  ])('cannot be altered: %s', async (_, forged) => {
    expect(await solved('a-course', forged, NOW)).toBeNull()
    expect(await solved('another', forged, NOW)).toBeNull()
  })
})

describe('work that was not done', () => {
  const claimed = (claim: object) =>
    packed({ challenge: asked, solution: { ...solution, ...claim } })

  it.each<[string, string]>([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('{').toString('base64')],
    ['null', packed([null])],
    ['a challenge without a solution', packed({ challenge: asked })],
    ['a key of one’s own choice', claimed({ derivedKey: `00${'a'.repeat(62)}` })],
    ['another counter', claimed({ counter: solution.counter + 1 })],
    ['a counter that is none', claimed({ counter: -1 })],
    ['a counter beyond all', claimed({ counter: 2 ** 32 })],
    ['a counter in words', claimed({ counter: String(solution.counter) })],
    ['a try that failed', packed({ challenge: asked, solution: solve(asked, { wrongly: true }) })],
  ])('is refused: %s', async (_, text) => {
    expect(await solved('a-course', text, NOW)).toBeNull()
  })

  it('is not replaced by solving another installation’s challenge', async () => {
    expect(
      await solved('a-course', answerTo(proofsWith(NEWER).challenge('a-course', NOW)), NOW),
    ).toBeNull()
  })
})
