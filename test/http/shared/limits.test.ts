import { describe, expect, it } from 'vitest'
import { formOf, textOf } from '../../support/page.ts'
import { allRows, FORM, from, type TestWeb, testWeb, verdictOf } from '../../support/web.ts'

const SENTENCE = 'your browser has to pass a short check first. Please press the button again.'

const enroll = async (web: TestWeb, email: string, address: string) =>
  verdictOf(web, await web.enroll({ ...FORM, email }, from(address)))

/** Enrolls `count` people one after another, from the addresses given. */
async function enrollMany(web: TestWeb, count: number, addressOf: (n: number) => string) {
  const statuses: number[] = []
  for (let n = 1; n <= count; n++)
    statuses.push((await enroll(web, `p${n}@example.com`, addressOf(n))).status)
  return statuses
}

/** The form is redisplayed, to be sent with proof of work. */
const asksForProof = async (response: Response) => {
  expect(response.status).toBe(422)
  const html = await response.text()
  expect(html).toMatch(/role="alert"/)
  expect(textOf(html)).toContain(SENTENCE)
  expect(html).toContain('data-proof="/courses/inner-wisdom/challenge"')
  return html
}

describe('the limit of an address', () => {
  it('asks the sixth request in an hour for proof, from anywhere, and keeps the values', async () => {
    await using web = await testWeb()
    for (let n = 1; n <= 5; n++) {
      const spelling = n % 2 ? 'ada@example.com' : 'ADA@Example.com'
      expect((await enroll(web, spelling, `198.51.${n}.1`)).status).toBe(303)
    }
    const before = await allRows(web.db)
    const html = await asksForProof(await enroll(web, 'ada@example.com', '203.0.113.1'))
    expect(formOf(html)).toEqual(FORM)
    expect({ ...(await allRows(web.db)), rate_limits: [] }).toEqual({ ...before, rate_limits: [] })
    expect((await enroll(web, 'eve@example.com', '203.0.113.1')).status).toBe(303)
  })

  it('stores no address in the clear', async () => {
    await using web = await testWeb()
    await enroll(web, 'ada@example.com', '198.51.100.1')
    const rows = await web.db.selectFrom('rate_limits').select('key').execute()
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.map(({ key }) => key).join(' ')).not.toContain('ada')
  })
})

describe('the limit of a network', () => {
  it.each([
    ['an IPv4 network of 256', (n: number) => `198.51.100.${n}`, '198.51.101.1'],
    ['an IPv6 /64', (n: number) => `2001:db8:1:2::${n.toString(16)}`, '2001:db8:1:3::1'],
    ['an IPv4 network written as IPv6', (n: number) => `::ffff:198.51.100.${n}`, '198.51.101.1'],
  ])(
    '%s: asks the twenty-first request for proof, but not a neighbor’s',
    async (_, addressOf, neighbor) => {
      await using web = await testWeb({ env: { FORMS_PER_NETWORK: '20' } })
      const statuses = await enrollMany(web, 20, addressOf)
      expect(new Set(statuses)).toEqual(new Set([303]))
      await asksForProof(await enroll(web, 'one@example.com', addressOf(200)))
      expect((await enroll(web, 'two@example.com', neighbor)).status).toBe(303)
      expect(await web.db.selectFrom('subscribers').select('id').execute()).toHaveLength(21)
    },
  )

  it('cannot be evaded by claiming other addresses when no proxy is trusted', async () => {
    await using web = await testWeb({ env: { TRUST_PROXY: '0', FORMS_PER_NETWORK: '20' } })
    await enrollMany(web, 20, (n) => `10.${n}.0.1`)
    await asksForProof(await enroll(web, 'one@example.com', '10.99.0.1'))
  })

  it('counts the address that our own proxy saw, not what the client claimed before it', async () => {
    await using web = await testWeb({ env: { FORMS_PER_NETWORK: '20' } })
    await enrollMany(web, 20, (n) => `10.${n}.0.1, 198.51.100.1`)
    await asksForProof(await enroll(web, 'one@example.com', '10.99.0.1, 198.51.100.1'))
  })

  it('admits a class of sixty within an hour by default', async () => {
    await using web = await testWeb()
    const statuses = await enrollMany(web, 60, (n) => `198.51.100.${n}`)
    expect(new Set(statuses)).toEqual(new Set([303]))
  })

  it('does not count forms that are redisplayed with faults', async () => {
    await using web = await testWeb()
    for (let n = 0; n < 25; n++)
      expect((await enroll(web, 'nobody', '198.51.100.1')).status).toBe(422)
    expect((await enroll(web, 'ada@example.com', '198.51.100.1')).status).toBe(303)
  })
})

describe('two servers on one database', () => {
  it('share the limits, even when all requests come at once', async () => {
    await using one = await testWeb()
    await using two = await testWeb({ env: { DATABASE_URL: one.app.databaseUrl } })
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        enroll(n % 2 ? one : two, 'ada@example.com', `198.51.${100 + n}.1`),
      ),
    )
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    expect([count(303), count(422)]).toEqual([5, 7])
  })
})
