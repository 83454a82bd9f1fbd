import { canonicalZone } from '../../domain/time.ts'

/** Time zones for a select that works without JavaScript. */

/** Current names of zones that Intl lists under an old one (standards.md G2). */
const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

/** Cached, since Intl rebuilds the list on each call. */
const LISTED = Intl.supportedValuesOf('timeZone').map((id) => RENAMED[id] ?? id)

const OLD_NAMES = new Map(Object.entries(RENAMED).map(([old, present]) => [present, old]))

export interface ZoneGroup {
  readonly region: string
  readonly zones: readonly {
    readonly id: string
    readonly label: string
    readonly chosen: boolean
    /** The old name that browsers may still use; empty if none. */
    readonly was: string
  }[]
}

/**
 * Returns zones by region, each with its offset at `now`; `chosen` is added if the list lacks it.
 */
export function zoneGroups(chosen: string, now: Temporal.Instant): ZoneGroup[] {
  const ids = new Set([...LISTED.filter((id) => id.includes('/')), 'UTC'])
  if (canonicalZone(chosen)) ids.add(chosen)
  const byRegion = Map.groupBy([...ids].sort(), (id) =>
    id.includes('/') ? id.slice(0, id.indexOf('/')) : 'UTC',
  )
  return [...byRegion].map(([region, group]) => ({
    region,
    zones: group.map((id) => ({
      id,
      label: labelOf(id, now),
      chosen: id === chosen,
      was: OLD_NAMES.get(id) ?? '',
    })),
  }))
}

function labelOf(id: string, now: Temporal.Instant) {
  const city = id
    .slice(id.indexOf('/') + 1)
    .replaceAll('_', ' ')
    .replace('/', ', ')
  return `${city} (UTC${now.toZonedDateTimeISO(id).offset})`
}
