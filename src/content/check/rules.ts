/** The rules that need only the author's files. */
import { type Finding, findingsOf } from '../../domain/finding.ts'
import type { SeriesSource } from '../source.ts'
import { MARKDOWN_RULES } from './markdown-rules.ts'
import { REPEAT_RULES } from './repeat-rules.ts'
import { TEXT_RULES } from './text-rules.ts'
import { THEME_RULES } from './theme-rules.ts'

export const SOURCE_RULES = [...MARKDOWN_RULES, ...TEXT_RULES, ...REPEAT_RULES, ...THEME_RULES]

export const checkSource = (source: SeriesSource): Finding[] => findingsOf(SOURCE_RULES, source)
