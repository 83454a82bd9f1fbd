import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultsOf, formOf, textOf } from '../../support/page.ts'
import {
  allRows,
  type Body,
  type Fields,
  FORM,
  followed,
  landed,
  type TestWeb,
  testWeb,
} from '../../support/web.ts'

const PATH = '/courses/inner-wisdom'
const BREAKOUT = '"><script>alert(1)</script>'

describe('a form with something wrong in it', () => {
  let web: TestWeb
  beforeAll(async () => {
    web = await testWeb()
  })
  afterAll(() => web[Symbol.asyncDispose]())

  const address = 'Enter one email address, like you@example.com.'
  const noAt = 'There’s no @ in this address. An address looks like you@example.com.'
  const alone = 'Enter the address alone, without a name and without < and >.'
  const unseen =
    'There’s a character in this address that cannot be seen. Type the address instead of pasting it.'
  const oneLine = 'Enter your name on one line, or leave it empty.'
  const noLink = 'Leave web addresses out of your name, and put a space after any period.'
  const short = 'Keep your name to 80 characters at most.'
  const time = 'Choose a time between 00:00 and 23:59, like 07:00.'
  const zone = 'Choose a time zone from the list.'
  const weekday = 'Choose at least one weekday.'

  const faulty: [string, Fields, Record<string, string>][] = [
    ['no address', { email: '' }, { email: address }],
    [
      'two addresses',
      { email: 'ada@example.com, eve@example.com' },
      { email: 'Enter one address only.' },
    ],
    [
      'a line break in the address',
      { email: 'ada@example.com\r\nBcc: eve@example.com' },
      { email: unseen },
    ],
    ['a name in the address', { email: 'Ada <ada@example.com>' }, { email: alone }],
    ['markup in the address', { email: `${BREAKOUT}@example.com` }, { email: alone }],
    ['a line break in the name', { name: 'Ada\r\nBcc: eve@example.com' }, { name: oneLine }],
    ['a link in the name', { name: 'Ada, see example.com/x' }, { name: noLink }],
    ['a name of 2,000 characters', { name: 'A'.repeat(2_000) }, { name: short }],
    ['no zone', { zone: '' }, { 'zone-new': zone }],
    ['an unknown zone', { zone: 'Mars/Olympus' }, { 'zone-new': zone }],
    ['a fixed offset for a zone', { zone: '+05:30' }, { 'zone-new': zone }],
    ['markup for a zone', { zone: BREAKOUT }, { 'zone-new': zone }],
    ['25:00', { time: '25:00' }, { 'time-new': time }],
    ['markup for a time', { time: BREAKOUT }, { 'time-new': time }],
    ['no weekday', { weekdays: [] }, { 'weekdays-new': weekday }],
    ['weekday 9', { weekdays: ['1', '9'] }, { 'weekdays-new': weekday }],
    [
      'everything',
      { email: '', time: '', zone: '' },
      { email: address, 'time-new': time, 'zone-new': zone },
    ],
    ['markup in a good name', { email: '', name: BREAKOUT }, { email: address }],
  ]

  it.each(faulty)(
    '%s: is redisplayed with the message at its field and the values kept',
    async (_, change, faults) => {
      const before = await allRows(web.db)
      const sent: Fields & { weekdays: readonly string[] } = { ...FORM, ...change } as typeof FORM
      const response = await followed(web, await web.enroll(sent))
      const html = await response.text()
      expect(response.status).toBe(422)
      expect(faultsOf(html)).toEqual(faults)
      // A select and checkboxes can show only what can be chosen.
      const zone = 'zone-new' in faults ? '' : sent.zone
      const name = String(sent.name).slice(0, 100)
      const weekdays = sent.weekdays.filter((day) => day !== '9')
      expect(formOf(html)).toEqual({ ...sent, name, zone, weekdays })
      expect(html).not.toContain('<script>alert')
      expect(await allRows(web.db)).toEqual(before)
    },
  )

  it.each(['', 'Mars/Olympus'])('shows no zone as chosen when "%s" was sent', async (zone) => {
    const html = await landed(web, await web.enroll({ ...FORM, zone }))
    expect(html).toContain('<option value="">Choose yours</option>')
    expect(html).not.toContain(' selected')
  })

  it('opens at the summary of faults, and ties each message to its field', async () => {
    const response = await web.enroll({ ...FORM, email: '', zone: '' })
    expect(response.headers.get('location')).toMatch(/#fault$/)
    const html = await landed(web, response)
    expect(html).toMatch(/<p [^>]*id="fault" role="alert" tabindex="-1" autofocus>/)
    expect(html).toContain('<a href="#email">Email address</a>, <a href="#zone-new">Time zone</a>.')
    expect(html).toMatch(/id="email"[^>]* aria-invalid="true" aria-describedby="email-fault"/)
    expect(html).toMatch(/id="zone-new"[^>]* aria-invalid="true" aria-describedby="zone-new-fault"/)
    expect(html).toMatch(/role="alert"[^>]*>Nothing has been saved yet/)
  })

  it.each<[string, Body, string]>([
    ['nothing at all', '', 'application/x-www-form-urlencoded'],
    ['JSON', JSON.stringify(FORM), 'application/json'],
    ['a body of no form', 'hello', 'text/plain'],
    [
      'the address twice',
      'email=a%40example.com&email=b%40example.com',
      'application/x-www-form-urlencoded',
    ],
    [
      'percent signs that decode to nothing',
      'email=%E0%A4%A&name=%',
      'application/x-www-form-urlencoded',
    ],
  ])('%s: is redisplayed, asking for the address', async (_, body, type) => {
    const response = await followed(web, await web.post(PATH, body, { 'Content-Type': type }))
    expect(response.status).toBe(422)
    expect([address, noAt]).toContain(faultsOf(await response.text()).email)
  })

  it('a file in place of the address is no address', async () => {
    const body = new FormData()
    body.set('email', new Blob(['ada@example.com']), 'address.txt')
    const response = await followed(web, await web.post(PATH, body))
    expect(response.status).toBe(422)
    expect(faultsOf(await response.text())).toMatchObject({ email: address })
  })

  it('a truncated multipart body is the sender’s fault', async () => {
    const type = 'multipart/form-data; boundary=x'
    const response = await web.post(PATH, '--x\r\nContent-Disp', { 'Content-Type': type })
    expect(response.status).toBe(422)
  })

  it.each([
    ['with its length', (body: string) => body],
    ['in chunks', (body: string) => new Blob([body]).stream()],
  ])('a megabyte sent %s is refused with a message and stores nothing', async (_, bodyOf) => {
    const before = await allRows(web.db)
    const body = bodyOf(`name=${'A'.repeat(1_048_576)}&email=ada%40example.com`)
    const init = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const length: Record<string, string> =
      typeof body === 'string' ? { 'Content-Length': String(body.length) } : {}
    const response = await web.post(PATH, body, { ...init, ...length })
    expect(response.status).toBe(413)
    expect(textOf(await response.text())).toContain('The form was too large.')
    expect(await allRows(web.db)).toEqual(before)
  })
})
