/** What can be wrong with the settings of a site beside their form. */
import { type Finding, findingsOf } from '../../domain/finding.ts'
import type { Text } from '../front-matter.ts'
import { settingsOf } from '../source.ts'
import { THEME_RULES } from './theme-rules.ts'

/** Looks at dawnpost.yaml as at the course.yaml of a series: its theme is held to the same. */
export const checkSettings = (settings: Text): Finding[] =>
  findingsOf(THEME_RULES, { slug: '', kind: 'course', pages: [settingsOf(settings)] })
