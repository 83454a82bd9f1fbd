/** What can be wrong with the settings of a site besides their form. */
import { type Finding, findingsOf } from '../../domain/finding.ts'
import type { TextFile } from '../front-matter.ts'
import { settingsOf } from '../source.ts'
import { THEME_RULES } from './theme-rules.ts'

/** Checks dawnpost.yaml like the course.yaml of a series: the same rules apply to its theme. */
export const checkSettings = (settings: TextFile): Finding[] =>
  findingsOf(THEME_RULES, { slug: '', kind: 'course', pages: [settingsOf(settings)] })
