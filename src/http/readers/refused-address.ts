import { dateIn } from '../../domain/time.ts'
import type { Key, Locale } from '../../locales/locale.ts'
import type { Person } from '../shared/site.ts'

const WHY_KEYS: Partial<Record<string, Key>> = {
  no_such_user: 'page.preferences.why-no-mailbox',
  disabled: 'page.preferences.why-disabled',
  mailbox_full: 'page.preferences.why-full',
}

/** Says since when and why nothing is sent to an address. */
export function refusedWords(
  { since, reason, said }: NonNullable<Person['refused']>,
  locale: Locale,
) {
  const day = { date: String(dateIn('UTC', since)) }
  if (reason === 'complaint') return locale.t('page.preferences.refused-complaint', { day })
  if (reason !== 'bounce' && reason !== 'soft_bounce')
    return locale.t('page.preferences.refused-other', { day })
  const why = locale.t(WHY_KEYS[said ?? ''] ?? 'page.preferences.why-undelivered')
  return locale.t('page.preferences.refused-bounce', { day, why })
}
