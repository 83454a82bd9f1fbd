import { expect, it } from 'vitest'
import { type Deps, readerOf } from '../../../src/actions/shared/mail-of.ts'
import { openLocales } from '../../../src/locales/locale.ts'
import { openLinks } from '../../../src/security/links.ts'
import { openSecrets } from '../../../src/security/secrets.ts'
import { course, NOW } from '../../mail/make.ts'

const secrets = openSecrets(['a key for tests and for nothing else'])
/** Mails of these kinds need no database query. */
const deps = {
  links: openLinks(secrets, 'https://courses.example', () => NOW),
  locales: openLocales(),
} as Deps
const ID = '01960000-0000-7000-8000-000000000007'

it.each([
  ['lesson', { goal: 'to draw' }],
  ['welcome', { goal: 'to draw' }],
  ['change', {}],
] as const)('a mail of kind %s gets the answers %j', async (kind, fields) => {
  const delivery = {
    id: ID,
    enrollmentId: ID,
    subscriberId: ID,
    series: course.slug,
    kind,
    item: 'item',
    day: null,
    afterPause: false,
    localDate: Temporal.PlainDate.from('2027-03-20'),
    firstTriedAt: NOW,
    address: 'ada@example.com',
    firstName: 'Ada',
    fields: { goal: 'to draw' },
    language: null,
    epoch: 0,
    zone: 'Europe/Berlin',
    enrolledAt: NOW,
    nextAt: null,
    companion: null,
  }
  expect((await readerOf(delivery, course, deps)).fields).toEqual(fields)
})
