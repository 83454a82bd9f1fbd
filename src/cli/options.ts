import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { App } from '../app/app.ts'
import { parseAddress } from '../domain/address.ts'
import { ownFieldsOf, type Series } from '../domain/course.ts'
import { readFirstName } from '../domain/first-name.ts'
import { type FieldValues, readAnswer } from '../domain/own-fields.ts'
import { Problem } from '../domain/problem.ts'
import { type Rhythm, readRhythm, WEEKDAYS, weekdaysOf } from '../domain/rhythm.ts'
import { proposedTime, type SiteSettings } from '../domain/site.ts'
import type { Message } from '../locales/locale.ts'

export interface RhythmOptions {
  /** By default that of the site. */
  readonly time?: string
  readonly zone: string
  /** By default those of the series. */
  readonly weekdays?: string
}

export const rhythmOptions = (command: Command) =>
  command
    .option('--time <HH:MM>', 'time of day (default: that of the site)')
    .option('--zone <zone>', 'IANA time zone', 'UTC')
    .option('--weekdays <list>', 'weekdays, 1 is Monday (default: those of the course)')

/** A rhythm; without weekdays it takes those of its series. */
export type WantedRhythm = Omit<Rhythm, 'weekdays'> & {
  readonly weekdays: Rhythm['weekdays'] | null
}

/** Reads a rhythm. Throws a Problem `invalid` that names each option that cannot be used. */
export function rhythmFrom(
  { time: given, zone, weekdays }: RhythmOptions,
  settings: SiteSettings,
): WantedRhythm {
  const time = given ?? proposedTime(settings)
  const days = weekdays?.split(',').map((day) => day.trim()) ?? WEEKDAYS.map(String)
  const read = readRhythm({ time, zone, weekdays: days })
  if ('rhythm' in read)
    return weekdays === undefined ? { ...read.rhythm, weekdays: null } : read.rhythm
  const fields = Object.fromEntries(
    Object.entries(read.fields).map(([name, what]) => [`--${name}`, what]),
  )
  throw new Problem('invalid', 'cli.options.invalid', { fields })
}

/**
 * Returns the series with a slug; without a slug the first course, or the first series if there is
 * none.
 */
export function seriesNamed(
  { series, config }: Pick<App, 'series' | 'config'>,
  slug: string | undefined,
): Series | undefined {
  if (slug !== undefined) return series.get(slug)
  const { front = [] } = config.site.settings
  const all = [...front.flatMap((frontSlug) => series.get(frontSlug) ?? []), ...series.values()]
  return all.find(({ kind }) => kind === 'course') ?? all[0]
}

/** The rhythm wanted, for a given series. */
export const rhythmIn = (series: Series, wanted: WantedRhythm): Rhythm => ({
  ...wanted,
  weekdays: wanted.weekdays ?? weekdaysOf(series),
})

export function addressFrom(text: string) {
  const read = parseAddress(text)
  if ('address' in read) return read.address
  throw new Problem('invalid', 'cli.options.address', {
    params: { text },
    fields: { address: read.fault },
  })
}

export function firstNameFrom(text: string): string {
  const read = readFirstName(text)
  if ('firstName' in read) return read.firstName
  throw new Problem('invalid', 'cli.options.invalid', { fields: { '--name': read.fault } })
}

/** Collects an option that may be repeated. */
export const collectValues = (value: string, before: readonly string[]) => [...before, value]

/**
 * Reads answers to a series' own fields, each as `name=answer`. Fields that a form requires may be
 * left out: an operator may not know the answer.
 */
export function answersFrom(options: readonly string[], series: Series): FieldValues {
  const fields = ownFieldsOf(series)
  const params = { course: series.title, known: fields.map(({ name }) => name).join(', ') }
  const key = fields.length > 0 ? 'cli.options.field' : 'cli.options.no-fields'
  const faults: Record<string, Message> = {}
  const answers = options.flatMap((option) => {
    const [name = '', ...rest] = option.split('=')
    const text = rest.join('=')
    const field = fields.find((field) => field.name === name)
    const read = field ? readAnswer(field, text) : { fault: { key, params } as const }
    if ('fault' in read) faults[`--field ${name}`] = read.fault
    return 'value' in read && read.value ? [[name, read.value] as const] : []
  })
  if (Object.keys(faults).length === 0) return Object.fromEntries(answers)
  throw new Problem('invalid', 'cli.options.invalid', { fields: faults })
}

/** Throws a Problem `invalid` if a given courses folder does not exist. */
export async function expectFolder(path: string | undefined) {
  if (path === undefined) return
  const info = await stat(path).catch(() => null)
  if (!info?.isDirectory())
    throw new Problem('invalid', 'operator.courses.no-folder', { params: { folder: path } })
}
