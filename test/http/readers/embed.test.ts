import { describe, expect, it } from 'vitest'
import { faultsOf, formOf, hiddenOf, textOf } from '../../support/page.ts'
import {
  answerOf,
  FORM,
  followed,
  leadsTo,
  type TestWeb,
  testWeb,
  verdictOf,
} from '../../support/web.ts'

const PATH = '/courses/inner-wisdom'
const EMBED = `${PATH}/embed`
const FRIEND = 'https://teacher.example'
const STRANGER = 'https://stranger.example'

const lending = (env = {}) =>
  testWeb({ env: { EMBED_ORIGINS: `${FRIEND}, http://localhost:8080/`, ...env } })
/** What the plain form of another site sends. */
const SHORT = {
  form: 'short',
  email: 'ada@example.com',
  name: '',
  time: '06:45',
  website: '',
  zone: 'Europe/Berlin',
}
const originOf = (Origin: string) => ({ Origin })

const enrolledAs = async ({ db }: TestWeb) =>
  db
    .selectFrom('enrollments as e')
    .innerJoin('consents as c', 'c.enrollment_id', 'e.id')
    .select(['e.series', 'e.time_of_day', 'e.zone', 'e.weekdays', 'c.source'])
    .execute()

describe('the form in a frame', () => {
  it('may be framed by the listed sites, and no other page of ours may', async () => {
    await using web = await lending()
    for (const path of [EMBED, `${EMBED}/enrolled`]) {
      const { status, headers } = await web.get(path)
      expect(status).toBe(200)
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'self'; .*frame-ancestors 'self' https:\/\/teacher\.example http:\/\/localhost:8080$/,
      )
      expect(headers.get('x-frame-options')).toBeNull()
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    for (const path of [PATH, `${PATH}/embed-code`, '/enrolled']) {
      const { headers } = await web.get(path)
      expect(headers.get('content-security-policy'), path).toMatch(/frame-ancestors 'self'$/)
      expect(headers.get('x-frame-options'), path).toBe('SAMEORIGIN')
    }
  })

  it('enrolls, and stays in the frame', async () => {
    await using web = await lending()
    const html = await (await web.get(EMBED)).text()
    expect(html).toContain(`<form method="post" action="${EMBED}"`)
    web.clock.set(web.app.now().add({ seconds: 30 }))
    const response = await web.post(EMBED, { ...FORM, ...hiddenOf(html) })
    expect(response.status).toBe(303)
    expect(leadsTo(response)).toBe(`${EMBED}/enrolled`)
    const rows = await enrolledAs(web)
    expect(rows.map(({ source }) => source)).toEqual(
      Array(2).fill(`https://courses.example${EMBED}`),
    )
  })

  it('is redisplayed within the frame when something is wrong with it', async () => {
    await using web = await lending()
    const response = await followed(web, await web.post(EMBED, { ...FORM, email: 'nobody' }))
    expect(response.status).toBe(422)
    expect(response.headers.get('content-security-policy')).toContain(FRIEND)
    const html = await response.text()
    expect(faultsOf(html)).toEqual({
      email: 'There’s no @ in this address. An address looks like you@example.com.',
    })
    expect(html).toContain('<body class="embed">')
  })

  it('is a 404 when no site is listed', async () => {
    await using web = await testWeb()
    for (const response of [
      await web.get(EMBED),
      await web.post(EMBED, FORM),
      await web.get(`${EMBED}/enrolled`),
    ]) {
      expect(response.status).toBe(404)
      expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN')
      expect(await response.text()).toContain('This form cannot be used from other sites.')
    }
  })
})

describe('a plain form on another site', () => {
  it('enrolls at once from a listed site, for every day if it does not ask', async () => {
    await using web = await lending()
    const response = await web.post(PATH, { ...SHORT, daily: 'yes' }, originOf(FRIEND))
    expect(response.status).toBe(303)
    expect(leadsTo(response)).toBe('/enrolled')
    const rhythm = { time_of_day: '06:45', zone: 'Europe/Berlin', weekdays: [1, 2, 3, 4, 5, 6, 7] }
    const source = `a form on ${FRIEND}`
    expect(await enrolledAs(web)).toEqual([
      { series: 'inner-wisdom', ...rhythm, source },
      { series: 'daily-inspiration', ...rhythm, source },
    ])
  })

  it.each([
    ['could not tell it', ''],
    ['gave one that nobody lives in', 'Etc/GMT+5'],
    ['gave an offset', '-05:00'],
  ])('asks for the zone on our page when its script %s', async (_, zone) => {
    await using web = await lending()
    const response = await followed(web, await web.post(PATH, { ...SHORT, zone }, originOf(FRIEND)))
    expect(response.status).toBe(422)
    const html = await response.text()
    expect(textOf(html)).toContain(
      'Almost done: please choose your time zone and press the button.',
    )
    expect(html).not.toContain('class="fault')
    expect(html).not.toContain('aria-invalid')
    expect(formOf(html)).toMatchObject({
      email: 'ada@example.com',
      time: '06:45',
      weekdays: FORM.weekdays,
    })
    expect((await web.post(PATH, { ...FORM, ...hiddenOf(html) })).status).toBe(303)
  })

  it.each([
    ['of a site that is not named', originOf(STRANGER)],
    ['of a page that hides where it is', originOf('null')],
    ['that says nothing of where it is', {}],
    ['of a site whose name begins alike', originOf(`${FRIEND}.evil.example`)],
  ])('%s, must be sent once more from our page', async (_, headers) => {
    await using web = await lending()
    const sent = await web.post(PATH, SHORT, headers)
    expect(sent.headers.get('access-control-allow-origin')).toBeNull()
    const response = await followed(web, sent)
    expect(response.status).toBe(422)
    const html = await response.text()
    expect(textOf(html)).toContain('press the button once more')
    expect(await enrolledAs(web)).toEqual([])
    expect((await web.post(PATH, { ...FORM, ...hiddenOf(html) })).status).toBe(303)
  })

  it('must be sent again if the honeypot is filled in or proof of work is required', async () => {
    await using web = await lending()
    expect(leadsTo(await web.post(PATH, { ...SHORT, website: 'x' }, originOf(FRIEND)))).toBe(PATH)
    await using busy = await lending({ PROOF_ABOVE: '0' })
    const response = await followed(busy, await busy.post(PATH, SHORT, originOf(FRIEND)))
    expect(response.status).toBe(422)
    expect(await response.text()).toContain('data-proof="/courses/inner-wisdom/challenge"')
  })

  it('has the rate limits of every form', async () => {
    await using web = await lending()
    for (let n = 0; n < 5; n++)
      expect((await web.post(PATH, SHORT, originOf(FRIEND))).status).toBe(303)
    const response = await verdictOf(web, await web.post(PATH, SHORT, originOf(FRIEND)))
    expect(response.status).toBe(422)
    expect(await response.text()).toContain('data-proof="/courses/inner-wisdom/challenge"')
  })
})

describe('a form sent by another site’s script', () => {
  const asJson = (origin: string) => ({ Origin: origin, Accept: 'application/json' })

  it('is answered in JSON that the listed sites may read', async () => {
    await using web = await lending()
    const { status, headers, body } = await answerOf(await web.post(PATH, SHORT, asJson(FRIEND)))
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({
      message: 'If there’s anything to confirm, an email is on its way.',
    })
    expect(headers['access-control-allow-origin']).toBe(FRIEND)
    expect(headers.vary).toContain('Origin')
  })

  it('is told what is wrong, and where to send the person', async () => {
    await using web = await lending()
    const answer = await answerOf(
      await web.post(PATH, { ...SHORT, email: 'nobody' }, asJson(FRIEND)),
    )
    expect(answer.status).toBe(422)
    expect(answer.headers['access-control-allow-origin']).toBe(FRIEND)
    expect(JSON.parse(answer.body)).toEqual({
      message: 'Nothing has been saved yet. Please check the fields marked below.',
      fields: { email: 'There’s no @ in this address. An address looks like you@example.com.' },
      page: 'https://courses.example/courses/inner-wisdom',
    })
  })

  it('gets an answer that no other site may read', async () => {
    await using web = await lending()
    const response = await web.post(PATH, SHORT, asJson(STRANGER))
    expect(response.status).toBe(422)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('the page with the code', () => {
  it('shows both forms, ready to copy, with the course’s own address and words', async () => {
    await using web = await lending()
    const page = textOf(await (await web.get(`${PATH}/embed-code`)).text())
    expect(page).toContain(
      `<iframe src="https://courses.example${EMBED}" title="Enroll in Unlocking Your Inner Wisdom"`,
    )
    expect(page).toContain(`<form action="https://courses.example${PATH}" method="post">`)
    expect(page).toContain(
      'I agree that Dawnpost emails me the 30 lessons of Unlocking Your Inner Wisdom',
    )
    expect(page).toContain(`They work on ${FRIEND} , http://localhost:8080 `)
  })

  it('says what to set when no site is listed', async () => {
    await using web = await testWeb()
    const page = textOf(await (await web.get(`${PATH}/embed-code`)).text())
    expect(page).toContain('No site is allowed to embed these forms yet.')
    expect(page).toContain('EMBED_ORIGINS=https://www.example.com')
  })
})
