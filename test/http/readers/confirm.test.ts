import { describe, expect, it } from 'vitest'
import { ask, CONSENT, enrolled } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { allRows, answerOf, FORM, from, landed, type TestWeb, testWeb } from '../../support/web.ts'

const linkFor = ({ app }: TestWeb, subscriberId: string) =>
  app.links.url('confirm', subscriberId, app.now())

describe('the link in a confirmation mail', () => {
  it('opens a page with a button, and changes nothing however often it is opened', async () => {
    await using web = await testWeb()
    const link = linkFor(web, (await ask(web)).id)
    const before = await allRows(web.db)
    for (let n = 0; n < 100; n++) {
      expect((await web.get(link)).status).toBe(200)
      expect((await web.head(link)).status).toBe(200)
    }
    const html = await (await web.get(link)).text()
    expect(html).toMatch(
      /<form method="post"><button[^>]* type="submit">Yes, confirm<\/button><\/form>/,
    )
    expect(textOf(html)).toContain(
      'Unlocking Your Inner Wisdom , every day at 07:00 (Europe/Berlin)',
    )
    expect(textOf(html)).toContain('The Daily Inspiration , every day')
    expect(await allRows(web.db)).toEqual(before)
  })

  it('confirms when the button is pressed, and says when the first mail comes', async () => {
    await using web = await testWeb()
    const link = linkFor(web, (await ask(web)).id)
    const response = await web.post(link, {}, from('2001:db8:1:2:3:4:5:6'))
    const page = textOf(await landed(web, response))
    expect(page).toContain('Day 1 arrives on Saturday, March 20, at 07:00 (Europe/Berlin)')
    const enrollments = await web.db.selectFrom('enrollments').select('status').execute()
    expect(enrollments).toEqual([{ status: 'active' }, { status: 'active' }])
    const consents = await web.db
      .selectFrom('consents')
      .select(['event', 'wording', 'source', 'network'])
      .where('event', '=', 'confirmed')
      .execute()
    expect(consents).toEqual(
      Array.from({ length: 2 }, () => ({
        event: 'confirmed',
        wording: 'Yes, confirm',
        source: 'https://courses.example/confirm',
        network: '2001:db8:1:2::/64',
      })),
    )
  })

  it('pressed twice, or five times at once, is the same as once', async () => {
    await using web = await testWeb()
    const link = linkFor(web, (await ask(web)).id)
    const answers = await Promise.all(Array.from({ length: 5 }, () => web.post(link)))
    const [first, ...others] = await Promise.all(answers.map(answerOf))
    const after = await allRows(web.db)
    for (const other of others) expect(other).toEqual(first)
    web.clock.set(web.app.now().add({ minutes: 5 }))
    expect(await answerOf(await web.post(link))).toEqual(first)
    expect(await allRows(web.db)).toEqual(after)
    expect(after.deliveries?.filter((row) => row.includes('welcome'))).toHaveLength(1)
  })

  it('also confirms what was added the same day, since no other mail is sent then', async () => {
    await using web = await testWeb()
    const { subscriber } = await enrolled(web, { series: ['inner-wisdom'] })
    const link = linkFor(web, subscriber.id)
    web.clock.set(web.app.now().add({ hours: 2 }))
    await web.enroll({ ...FORM, email: subscriber.address }, {}, 'daily-inspiration')
    const asked = await web.db
      .selectFrom('deliveries')
      .select('id')
      .where('kind', '=', 'confirm')
      .orderBy('id')
      .execute()
    expect(asked).toHaveLength(1)
    expect(textOf(await (await web.get('/enrolled')).text())).toContain(
      'its link also confirms what you’ve just added',
    )
    expect(await (await web.get(link)).text()).toContain('Yes, confirm')
    expect((await web.post(link)).status).toBe(303)
    const enrollments = await web.db.selectFrom('enrollments').select('status').execute()
    expect(enrollments).toEqual([{ status: 'active' }, { status: 'active' }])
  })

  it('shows the current state when it is opened again', async () => {
    await using web = await testWeb()
    const { subscriber } = await enrolled(web)
    const link = linkFor(web, subscriber.id)
    const pageAt = async (instant: string) => {
      web.clock.set(instant)
      await web.settle()
      return textOf(await (await web.get(link)).text())
    }
    const sameDay = await pageAt('2027-03-19T12:30:00Z')
    expect(sameDay).toContain('Thank you. You’re enrolled')
    expect(sameDay).toContain('A welcome email is on its way.')
    const evening = await pageAt('2027-03-19T18:00:00Z')
    expect(evening).toContain('Thank you. You’re enrolled')
    expect(evening).not.toContain('welcome email')
    const later = await pageAt('2027-03-24T12:00:00Z')
    expect(later).toContain('You’re already enrolled')
    expect(later).toContain('Day 2 arrives on Thursday, March 25, at 07:00 (Europe/Berlin)')
    expect(later).toContain('There’s nothing more to confirm.')
    expect(later).not.toContain('Thank you')
  })

  it('confirms anew when a series is added later', async () => {
    await using web = await testWeb()
    const { subscriber } = await enrolled(web, { series: ['inner-wisdom'] })
    web.clock.set('2027-03-24T12:00:00Z')
    await web.settle()
    await enrolled(web, { series: ['daily-inspiration'] })
    const page = textOf(await (await web.get(linkFor(web, subscriber.id))).text())
    expect(page).toContain('Thank you. You’re enrolled')
    expect(page).toContain('The next one arrives on Thursday, March 25')
  })

  it('expires after seven days', async () => {
    await using web = await testWeb()
    const link = linkFor(web, (await ask(web)).id)
    const start = web.app.now()
    web.clock.set(start.add({ hours: 7 * 24 }).subtract({ seconds: 1 }))
    expect((await web.get(link)).status).toBe(200)
    web.clock.set(start.add({ hours: 7 * 24, seconds: 1 }))
    const before = await allRows(web.db)
    for (const response of [await web.get(link), await web.head(link), await web.post(link)]) {
      expect(response.status).toBe(410)
    }
    expect(textOf(await (await web.get(link)).text())).toContain('This link has expired')
    expect(await allRows(web.db)).toEqual(before)
  })

  it('is gone once the person has left, and brings nothing back', async () => {
    await using web = await testWeb()
    const { subscriber, first } = await enrolled(web)
    const link = linkFor(web, subscriber.id)
    await web.app.reader.unsubscribe(first.id, 'everything', CONSENT)
    const before = await allRows(web.db)
    expect((await web.get(link)).status).toBe(410)
    expect((await web.post(link)).status).toBe(410)
    expect(await allRows(web.db)).toEqual(before)
  })

  it('is gone once the person was erased', async () => {
    await using web = await testWeb()
    const { id } = await ask(web)
    const link = linkFor(web, id)
    await web.db.deleteFrom('subscribers').where('id', '=', id).execute()
    expect((await web.get(link)).status).toBe(410)
    expect((await web.post(link)).status).toBe(410)
  })
})

describe('a token that is not ours', () => {
  it('gets a page that says so, however it was forged, and changes nothing', async () => {
    await using web = await testWeb()
    const { id } = await ask(web)
    const { first } = await enrolled(web, { email: 'eve@example.com' })
    const { links, now } = web.app
    const good = links.token('confirm', id, now())
    const [version = '', key = '', payload = '', tag = ''] = good.split('.')
    const other = links.token('confirm', first.subscriber_id, now()).split('.')[2] ?? ''
    const tokens = {
      'another payload': [version, key, other, tag],
      'another tag': [version, key, payload, `${tag.startsWith('A') ? 'B' : 'A'}${tag.slice(1)}`],
      'half a tag': [version, key, payload, tag.slice(0, 11)],
      'no tag': [version, key, payload],
      'an empty tag': [version, key, payload, ''],
      'an unknown key': [version, 'AAAA', payload, tag],
      'an unknown version': ['2', key, payload, tag],
      'a bare id': [id],
      'a token to leave by': [links.token('unsubscribe', id, now())],
      'a token to change by': [links.token('preferences', id, now())],
      'a kilobyte of nothing': ['x'.repeat(1_000)],
    }
    const before = await allRows(web.db)
    for (const [what, parts] of Object.entries(tokens)) {
      const path = `/confirm/${parts.join('.')}`
      expect((await web.get(path)).status, what).toBe(404)
      expect((await web.post(path)).status, what).toBe(404)
    }
    const page = textOf(await (await web.get('/confirm/forged')).text())
    expect(page).toContain(
      'This link is incomplete. Open it again from the email, or copy all of it.',
    )
    expect(await allRows(web.db)).toEqual(before)
    expect((await web.post(`/confirm/${good}`)).status).toBe(303)
  })

  it('made for one purpose opens nothing else', async () => {
    await using web = await testWeb()
    const { subscriber, first } = await enrolled(web)
    const before = await allRows(web.db)
    const { links, now } = web.app
    for (const made of ['confirm', 'unsubscribe', 'preferences'] as const) {
      const token = links.token(made, made === 'confirm' ? subscriber.id : first.id, now())
      for (const used of ['confirm', 'unsubscribe', 'preferences'].filter((one) => one !== made)) {
        expect((await web.get(`/${used}/${token}`)).status, `${made} as ${used}`).toBe(404)
        expect((await web.post(`/${used}/${token}`)).status, `${made} as ${used}`).toBe(404)
      }
    }
    expect(await allRows(web.db)).toEqual(before)
  })

  it('of another installation opens nothing', async () => {
    await using web = await testWeb()
    await using stranger = await testWeb({ env: { SECRET_KEY: 'the key of somebody else' } })
    const { id } = await ask(web)
    expect((await web.get(linkFor(stranger, id))).status).toBe(404)
  })
})
