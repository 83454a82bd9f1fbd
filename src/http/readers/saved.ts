/**
 * What a reader has just saved, in words, so that a date or an hour that was understood otherwise
 * than meant is seen at once; and the form that takes it back.
 */
import type { DateRange } from '../../domain/rhythm.ts'
import { rhythmInWords } from '../../domain/words.ts'
import type { Locale } from '../../locales/locale.ts'
import type { Overview, ReaderSite } from '../shared/site.ts'
import { type Body, presentValues } from './controls.ts'

type Pause = NonNullable<Awaited<ReturnType<ReaderSite['reader']['upcoming']>>>['pause']

/** What the form that takes a control back would send, as all was before; null: it has none. */
export async function takingBack(
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

/** What `takingBack` was sealed as, for the template: its button, and its hidden fields. */
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

/** Until when a pause lasts that was just made, with the year; null: it is over, or has no end. */
export const pauseWords = (pause: Pause | undefined, locale: Locale): string | null =>
  pause?.until
    ? locale.t('page.preferences.done-paused-until', { day: locale.date(pause.until, 'whole') })
    : null
