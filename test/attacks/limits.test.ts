/**
 * Limits must not punish everybody: what strangers do with a form slows down strangers, and shuts
 * nobody out.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { admit } from '../../src/actions/enrolling/admit.ts'
import { FORM_RATE_LIMITS, WRONG_PROOF_LIMIT } from '../../src/domain/form-limits.ts'
import { openKeyedMutex } from '../../src/platform/keyed-mutex.ts'
import { type Challenge, openProofOfWork } from '../../src/security/proof-of-work.ts'
import { openSecrets } from '../../src/security/secrets.ts'
import { openGauge, openLimit } from '../../src/store/postgres/rate-limits.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { answerTo, packed, solve } from '../support/altcha.ts'
import { enrolled, testApp } from '../support/app.ts'
import { hiddenOf, textOf } from '../support/page.ts'
import { FORM, from, stamped, type TestWeb, testWeb, verdictOf } from '../support/web.ts'

const PATH = '/courses/inner-wisdom'
const FRIEND = 'https://teacher.example'
/** Cheap proofs are enough for a test, since they work the same way. */
const CHEAP = { proofWork: { cost: 1 } }

const email = (n: number) => `p${n}@example.com`
const networkAt = (n: number) => from(`10.${n >> 8}.${n & 255}.1`)
const proofFor = async (web: TestWeb, form: string) =>
  answerTo((await (await web.get(`${form}/challenge`)).json()) as Challenge)
const asksForProof = async (web: TestWeb, form: string) =>
  (await (await web.get(form)).text()).includes(`data-proof="${form}/challenge"`)

/** Submits the form of a course without waiting for it to be processed. */
const send = async (web: TestWeb, fields: object, headers = {}) =>
  verdictOf(web, await web.send(PATH, stamped(web, { ...FORM, ...fields }), headers))
const sendLink = async (web: TestWeb, fields: { email: string; altcha?: string }, headers = {}) =>
  verdictOf(web, await web.send('/link', stamped(web, fields, '/link'), headers))

/**
 * The form came back with its values and asks for proof of work; the same person does the work
 * and is let in.
 */
async function passesWithProof(web: TestWeb, response: Response, form: string, headers = {}) {
  const html = await response.text()
  expect([response.status, textOf(html)]).toEqual([
    422,
    expect.stringContaining('your browser has to pass a short check first'),
  ])
  expect(html).toContain(`data-proof="${form}/challenge"`)
  const entered = form === '/link' ? {} : FORM
  const address = /name="email"[^>]* value="([^"]*)"/.exec(html)?.[1]?.replace('&#x3D;', '=') ?? ''
  const fields = {
    ...entered,
    email: address,
    ...hiddenOf(html),
    altcha: await proofFor(web, form),
  }
  expect((await verdictOf(web, await web.send(form, fields, headers))).status).toBe(303)
}

describe('a crowd at one form', () => {
  it('is asked for proof there and at no other form', async () => {
    await using web = await testWeb({ env: { PROOF_ABOVE: '6' }, ...CHEAP })
    for (let n = 0; n < 7; n++)
      expect((await sendLink(web, { email: email(n) }, networkAt(n))).status).toBe(303)
    expect(await asksForProof(web, '/link')).toBe(true)
    for (const form of [PATH, '/courses/daily-inspiration'])
      expect(await asksForProof(web, form)).toBe(false)
    expect((await send(web, {}, networkAt(99))).status).toBe(303)
    const { first } = await enrolled(web, { email: 'reader@example.com' })
    const link = web.app.links.url('preferences', first.id, web.app.now())
    expect(
      (await web.post(link, { do: 'address', email: 'new@example.org' }, networkAt(0))).status,
    ).toBe(303)
    const late = await sendLink(web, { email: email(8) }, networkAt(8))
    await passesWithProof(web, late, '/link', networkAt(8))
  })

  it('of one course does not slow down another course', async () => {
    await using web = await testWeb({ env: { PROOF_ABOVE: '2' }, ...CHEAP })
    for (let n = 0; n < 3; n++)
      expect((await send(web, { email: email(n) }, networkAt(n))).status).toBe(303)
    expect(await asksForProof(web, PATH)).toBe(true)
    expect(await asksForProof(web, '/courses/daily-inspiration')).toBe(false)
    expect(await asksForProof(web, '/link')).toBe(false)
  })

  it('of 500 people from 500 networks within a minute gets in', async () => {
    await using web = await testWeb(CHEAP)
    const [people, atOnce] = [500, 20]
    let next = 0
    let proved = 0
    const enterAll = async () => {
      for (let n = next++; n < people; n = next++) {
        const altcha = proved > 0 ? await proofFor(web, PATH) : ''
        const first = await send(web, { email: email(n), altcha }, networkAt(n))
        if (altcha || first.status !== 303) proved += 1
        if (first.status === 303) continue
        const again = { email: email(n), altcha: await proofFor(web, PATH) }
        expect((await send(web, again, networkAt(n))).status, email(n)).toBe(303)
      }
    }
    // The lock holds back the processing behind the responses: this is only about who is let in.
    await web.db.transaction().execute(async (tx) => {
      await sql`lock table subscribers in access exclusive mode`.execute(tx)
      await Promise.all(Array.from({ length: atOnce }, enterAll))
      const took = await tx.selectFrom('requests').select('address_key').distinct().execute()
      expect(took).toHaveLength(people)
      await sql`delete from requests where id in (select id from requests
        for update skip locked)`.execute(tx)
    })
    expect(proved).toBeGreaterThan(400)
  })
})

describe.each<
  [
    string,
    (
      web: TestWeb,
      fields: { email: string; altcha?: string },
      headers?: object,
    ) => Promise<Response>,
  ]
>([
  [PATH, send],
  ['/link', sendLink],
])('%s', (form, post) => {
  it('lets in somebody for whose address strangers have used up the limit', async () => {
    await using web = await testWeb(CHEAP)
    for (let n = 0; n < 40; n++) await post(web, { email: 'ada@example.com' }, networkAt(n))
    const mine = await post(web, { email: 'Ada@example.com' }, from('203.0.113.1'))
    await passesWithProof(web, mine, form, from('203.0.113.1'))
    expect((await post(web, { email: 'eve@example.com' }, from('203.0.113.1'))).status).toBe(303)
  })

  it('asks many people in one network for proof, and lets them in', async () => {
    await using web = await testWeb({ ...CHEAP, env: { FORMS_PER_NETWORK: '20' } })
    const school = (n: number) => from(`198.51.100.${n}`)
    for (let n = 0; n < 20; n++)
      expect((await post(web, { email: email(n) }, school(n))).status).toBe(303)
    const altcha = () => proofFor(web, form)
    await passesWithProof(web, await post(web, { email: email(20) }, school(20)), form, school(20))
    const together = Array.from({ length: 30 }, async (_, n) =>
      post(web, { email: email(30 + n), altcha: await altcha() }, school(n)),
    )
    expect(new Set((await Promise.all(together)).map(({ status }) => status))).toEqual(
      new Set([303]),
    )
    expect((await post(web, { email: 'neighbor@example.com' }, from('198.51.101.1'))).status).toBe(
      303,
    )
  })

  it('refuses a network above the highest limit, and says when to come back', async () => {
    await using web = await testWeb(CHEAP)
    await useUp(
      web,
      `${FORM_RATE_LIMITS.networkAtMost.name}:${slugOf(form)} 198.51.100.0/24`,
      FORM_RATE_LIMITS.networkAtMost.points,
    )
    await isRefused(await post(web, { email: 'ada@example.com' }, from('198.51.100.9')), 3_600)
    expect((await post(web, { email: 'ada@example.com' }, from('198.51.101.9'))).status).toBe(303)
  })

  it('verifies only a few wrong proofs per network and minute, and still those of others', async () => {
    await using web = await testWeb({ env: { PROOF_ABOVE: '0' }, ...CHEAP })
    const wrong = { email: 'ada@example.com', altcha: 'x' }
    for (let n = 0; n <= WRONG_PROOF_LIMIT.points; n++)
      expect((await post(web, wrong, from('198.51.100.1'))).status).toBe(422)
    await isRefused(await post(web, wrong, from('198.51.100.1')), WRONG_PROOF_LIMIT.seconds)
    expect((await post(web, { ...wrong, altcha: '' }, from('198.51.100.1'))).status).toBe(422)
    const good = { email: 'ada@example.com', altcha: await proofFor(web, form) }
    expect((await post(web, good, from('198.51.101.1'))).status).toBe(303)
  })
})

const slugOf = (form: string) => form.replace('/courses/', '')

/** As if so many requests had come within the current hour. */
const useUp = (web: TestWeb, key: string, points: number) =>
  web.db
    .insertInto('rate_limits')
    .values({ key, points, expire: String(Date.now() + 3_600_000) })
    .execute()

async function isRefused(response: Response, atMost: number) {
  expect(response.status).toBe(429)
  const seconds = Number(response.headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(atMost)
  expect(textOf(await response.text())).toContain('Too many requests. Please try again in')
}

describe('every refusal for being too fast', () => {
  it('says when to come back: in a frame, to a script, and on the preferences page', async () => {
    await using web = await testWeb({ env: { EMBED_ORIGINS: FRIEND } })
    await useUp(
      web,
      `${FORM_RATE_LIMITS.networkAtMost.name}:inner-wisdom 198.51.100.0/24`,
      FORM_RATE_LIMITS.networkAtMost.points,
    )
    const headers = from('198.51.100.1')
    const fields = {
      ...FORM,
      stamp: web.app.visitor.stamps.make('inner-wisdom', web.app.now().subtract({ seconds: 9 })),
    }
    await isRefused(await web.send(`${PATH}/embed`, fields, headers), 3_600)
    const asJson = { ...headers, Origin: FRIEND, Accept: 'application/json' }
    await isRefused(await web.send(PATH, { ...fields, form: 'short' }, asJson), 3_600)
    const { first } = await enrolled(web)
    const link = web.app.links.url('preferences', first.id, web.app.now())
    const change = (n: number) => web.post(link, { do: 'address', email: `new${n}@example.org` })
    for (const n of [1, 2, 3, 4, 5]) expect((await change(n)).status).toBe(303)
    const response = await change(6)
    const seconds = Number(response.headers.get('retry-after'))
    expect([response.status, seconds > 0, seconds <= 24 * 3_600]).toEqual([429, true, true])
  })
})

/** Proofs that count how often a submitted claim was verified. */
function countingProofs() {
  const proofs = openProofOfWork(openSecrets(['a key for tests and for nothing else']), { cost: 1 })
  const count = { derived: 0, atOnce: 0, most: 0 }
  const claimed: typeof proofs.claimed = (...args) => {
    const claim = proofs.claimed(...args)
    if (!claim) return null
    const holds = async () => {
      count.derived += 1
      count.most = Math.max(count.most, ++count.atOnce)
      await turn()
      count.atOnce -= 1
      return claim.holds()
    }
    return { ...claim, holds }
  }
  return { proofs: { ...proofs, claimed }, count }
}

describe('wrong proofs', () => {
  it('cost one derivation per challenge, one at a time, and a few a minute, however many come', async () => {
    await using test = await testApp()
    const database = await openDatabase(test.app.databaseUrl, () => {})
    await using _ = { [Symbol.asyncDispose]: database.close }
    const { proofs, count } = countingProofs()
    const limitOf = (name: keyof typeof FORM_RATE_LIMITS) =>
      openLimit(database.pool, FORM_RATE_LIMITS[name])
    const deps = {
      now: test.app.now,
      proofs,
      inTurn: openKeyedMutex(),
      addressHashes: (key: string): [Buffer] => [Buffer.from(key)],
      limits: {
        network: limitOf('network'),
        address: limitOf('address'),
        networkAtMost: limitOf('networkAtMost'),
        slowly: limitOf('slowly'),
      },
      wrongProofs: openGauge(database.pool, WRONG_PROOF_LIMIT),
      rush: openGauge(database.pool, { name: 'rush', points: 0, seconds: 600 }),
      spend: openLimit(database.pool, { name: 'proof', points: 1, seconds: 600 }),
    }
    const ask = (proof: string) =>
      admit({ form: 'f', network: 'n', addressKey: 'a@example.com', proof }, deps).catch(
        ({ code }) => code,
      )
    const wrongly = (challenge: Challenge, start: number) => {
      const { counter } = solve(challenge, { wrongly: true, start })
      return packed({ challenge, solution: { counter, derivedKey: `00${'a'.repeat(62)}` } })
    }
    const one = proofs.challenge('f', test.app.now())
    const replayed = Array.from({ length: 5 }, (_, n) => ask(wrongly(one, n)))
    expect(new Set(await Promise.all(replayed))).toEqual(new Set(['work first']))
    expect(count.derived).toBe(1)
    const fresh = Array.from({ length: 60 }, () =>
      ask(wrongly(proofs.challenge('f', test.app.now()), 0)),
    )
    const answers = await Promise.all(fresh)
    expect(answers.filter((answer) => answer === 'too_many')).toHaveLength(
      60 - (WRONG_PROOF_LIMIT.points + 1 - 5),
    )
    expect([count.derived, count.most]).toEqual([WRONG_PROOF_LIMIT.points + 1 - 4, 1])
  })
})
