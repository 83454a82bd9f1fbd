/**
 * What a reader has just saved, in words, so that a misunderstood date or time is noticed
 * immediately; and the form that undoes it.
 */
import type { DateRange } from '../../domain/rhythm.ts'
import { rhythmInWords } from '../../domain/words.ts'
import type { Locale } from '../../locales/locale.ts'
import type { Overview, ReaderSite } from '../shared/site.ts'
import { type Body, presentValues } from './controls.ts'

type Pause = NonNullable<Awaited<ReturnType<ReaderSite['reader']['upcoming']>>>['pause']

/**
 * Returns what a control's undo form would send to restore the previous state; null if it has none.
 */
export async function undoBodyOf(
  app: ReaderSite,
  name: string,
  { id: enrollment, rhythm }: Overview,
): Promise<Body | null> {
  if (name === 'rhythm') return { do: 'rhythm', enrollment, ...presentValues(rhythm) }
  if (name !== 'pause' && name !== 'pause-until') return null
  const pause = (await app.reader.upcoming(enrollment))?.pause
  if (!pause) return { do: 'resume', enrollment }
  return pause.until
    ? { do: 'pause-until', enrollment, until: String(pause.until) }
    : { do: 'pause', enrollment }
}

/** Converts what `undoBodyOf` returned for the template: the button and the hidden fields. */
export function undoForm(body: Body) {
  const { do: action, ...fields } = body
  return {
    action,
    fields: Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((entry) => ({ name, value: String(entry) })),
    ),
  }
}

/** The schedule as it is now. */
export function scheduleWords({ rhythm, series }: Overview, locale: Locale): string {
  const schedule = rhythmInWords(rhythm, locale, series)
  return [
    locale.t('page.preferences.done-rhythm', { schedule }),
    rhythm.everyOther ? locale.t('page.preferences.done-every-other') : '',
    rhythm.quiet ? quietWords(rhythm.quiet, locale) : '',
  ]
    .filter(Boolean)
    .join(' ')
}

const quietWords = ({ from, to }: DateRange, locale: Locale) =>
  from.equals(to)
    ? locale.t('page.preferences.done-quiet-day', { on: locale.date(from, 'whole') })
    : locale.t('page.preferences.done-quiet', {
        from: locale.date(from, 'whole'),
        to: locale.date(to, 'whole'),
      })

/** Says until when a new pause lasts, with the year; null if it is over or has no end. */
export const pauseWords = (pause: Pause | undefined, locale: Locale): string | null =>
  pause?.until
    ? locale.t('page.preferences.done-paused-until', { day: locale.date(pause.until, 'whole') })
    : null
