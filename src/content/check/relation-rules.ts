/** Rules about relations to other series in course.yaml: translations, and offers alongside. */
import { isSlug } from '../../domain/course.ts'
import type { Finding } from '../../domain/finding.ts'
import type { SeriesSource } from '../source.ts'

type Naming = 'translations' | 'offers'

/** Returns what is wrong between the series of a folder. */
export const checkRelations = (sources: readonly SeriesSource[]): Finding[] =>
  sources.flatMap((source) => [
    ...wrongIn(source, 'translations', (other) => translationFault(source, other), sources),
    ...wrongIn(source, 'offers', offerFault, sources),
  ])

function wrongIn(
  { pages }: SeriesSource,
  name: Naming,
  faultOf: (other: SeriesSource) => string | null,
  sources: readonly SeriesSource[],
): Finding[] {
  const settings = pages.find(({ role }) => role === 'settings')
  const key = settings?.keys.get(name)
  if (!settings || !key || !Array.isArray(key.value)) return []
  // Names that no folder can have are reported where the file is read.
  return key.value.filter(isSlug).flatMap((slug: string): Finding[] => {
    const other = sources.find((source) => source.slug === slug)
    const fault = other ? faultOf(other) : 'is not the name of a folder here'
    if (fault === null) return []
    const { line, column } = key
    const place = { file: settings.file, line, column }
    return [{ ...place, severity: 'error', rule: name, message: `${name}: ${slug} ${fault}` }]
  })
}

function translationFault(source: SeriesSource, other: SeriesSource): string | null {
  if (other === source) return 'is this series itself'
  if (other.kind !== source.kind) return `is a ${other.kind}, but this is a ${source.kind}`
  const language = languageOf(source)
  return language !== '' && language === languageOf(other)
    ? `is in the same language, ${language}`
    : null
}

const offerFault = ({ kind }: SeriesSource) => (kind === 'daily' ? null : 'is not a daily')

const languageOf = ({ pages }: SeriesSource) =>
  pages
    .find(({ role }) => role === 'settings')
    ?.keys.get('language')
    ?.text.toLowerCase() ?? ''
