import { expect, it } from 'vitest'
import { compileAhead } from '../../../src/actions/sending/compile-ahead.ts'
import { openLog } from '../../../src/platform/log.ts'
import { course, daily } from '../../mail/make.ts'

const now = () => Temporal.Instant.from('2027-03-20T06:00:00Z')
const series = new Map([course, daily].map((one) => [one.slug, one] as const))
const log = openLog('silent')

it('compiles the texts of upcoming mails, and continues after one that fails to compile', async () => {
  const asked: string[] = []
  const editions = async ({
    kind,
    series: { slug },
  }: {
    kind: string
    series: { slug: string }
  }) => {
    asked.push(`${slug} ${kind}`)
    throw new Error('no layout')
  }
  await compileAhead(new AbortController().signal, {
    now,
    log,
    series,
    editions: editions as never,
  })
  const count = (what: string) => asked.filter((one) => one === what).length
  expect(count(`${course.slug} lesson`)).toBe(course.lessons.length)
  expect(count(`${daily.slug} inspiration`)).toBe(3)
  expect(asked).toEqual(
    expect.arrayContaining([`${course.slug} welcome`, `${course.slug} completion`]),
  )
})

it('stops when it is aborted', async () => {
  let asked = 0
  const editions = async () => {
    asked += 1
    throw new Error('no layout')
  }
  await compileAhead(AbortSignal.abort(), { now, log, series, editions })
  expect(asked).toBe(0)
})
