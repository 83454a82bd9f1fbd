/** Rules about the writing: how long, how often, and for whom. */
import type { Rule, Spot } from '../../domain/finding.ts'
import { TODO, todoPattern } from '../draft.ts'
import type { Passage, SeriesSource, SourcePage } from '../source.ts'
import { countWords, normalized, shortened } from '../words.ts'

const LESSON_WORDS = [250, 450] as const
const INSPIRATION_WORDS = [35, 70] as const
const PRACTICE_MINUTES = [5, 15] as const

const lessonsOf = ({ pages }: SeriesSource) => pages.filter(({ role }) => role === 'lesson')
const isOutside = (value: number, [least, most]: readonly [number, number]) =>
  value < least || value > most

interface Line extends Omit<Spot, 'message'> {
  readonly role: SourcePage['role']
  readonly text: string
}

/**
 * Returns every subject of a series: of its letters and lessons, and the titles of its
 * inspirations.
 */
const subjectsOf = ({ pages }: SeriesSource): Line[] =>
  pages.flatMap((page) =>
    page.role === 'inspirations'
      ? page.passages.map(({ file, line, title }) => ({ file, line, role: page.role, text: title }))
      : linesOf(page, 'subject'),
  )

function linesOf({ file, role, keys }: SourcePage, name: string): Line[] {
  const key = keys.get(name)
  return key?.text ? [{ file, role, line: key.line, column: key.column, text: key.text }] : []
}

/** Yields lines that repeat an earlier one, ignoring case and punctuation, each with the first. */
function* repeats(lines: readonly Line[]): Generator<[line: Line, first: Line]> {
  const seen = new Map<string, Line>()
  for (const line of lines) {
    const words = normalized(line.text)
    const first = seen.get(words)
    if (first) yield [line, first]
    else if (words) seen.set(words, line)
  }
}

const saying = ({ file, line, column = 1 }: Line, message: string): Spot => ({
  file,
  line,
  column,
  message,
})

/** In a list, two mails with one subject look like one; programs even fold them into a thread. */
function* repeatedSubject(series: SeriesSource): Generator<Spot> {
  for (const [line, first] of repeats(subjectsOf(series))) {
    // Loading itself refuses identical ones on two lessons or two inspirations.
    if (line.text === first.text && line.role === first.role && line.role !== 'letter') continue
    yield saying(
      line,
      `repeats the subject at ${first.file}:${first.line}; use a different one for each mail`,
    )
  }
}

/** The preheader is the second half of the subject; a repeated one was copied and forgotten. */
function* repeatedPreheader({ pages }: SeriesSource): Generator<Spot> {
  for (const [line, first] of repeats(pages.flatMap((page) => linesOf(page, 'preheader'))))
    yield saying(
      line,
      `repeats the preheader at ${first.file}:${first.line}; write one for this mail`,
    )
}

/**
 * Applies to lessons with a practice: a shorter one is a note, a longer one is not read before
 * work. A course of another shape sets its own measure.
 */
function* lessonLength(series: SeriesSource): Generator<Spot> {
  for (const { file, keys, passages } of lessonsOf(series)) {
    if (!passages.some(({ role }) => role === 'practice')) continue
    const lines = ['question', 'carry'].map((name) => keys.get(name)?.text ?? '')
    const words = countWords(
      [...passages.filter(isWhole).flatMap(({ title, text }) => [title, text]), ...lines].join(' '),
    )
    if (!isOutside(words, LESSON_WORDS)) continue
    const line = passages[0]?.line ?? 1
    yield {
      file,
      line,
      message: `has ${words} words, including practice and question; ${wanted(LESSON_WORDS)}`,
    }
  }
}

/** An inspiration is read in passing, and is below a lesson on some mornings. */
function* inspirationLength({ pages }: SeriesSource): Generator<Spot> {
  for (const { role, file, line, text } of pages.flatMap(({ passages }) => passages)) {
    const words = countWords(text)
    if (role === 'inspiration' && words > 0 && isOutside(words, INSPIRATION_WORDS))
      yield { file, line, message: `has ${words} words; ${wanted(INSPIRATION_WORDS)}` }
  }
}

const wanted = ([least, most]: readonly [number, number]) => `write between ${least} and ${most}`

/** A practice that takes too long does not get done; one that is too short is not a practice. */
function* practiceMinutes(series: SeriesSource): Generator<Spot> {
  const [least, most] = PRACTICE_MINUTES
  const saying = (minutes: number) =>
    `the practice takes ${minutes} minutes; make it ${least} to ${most}`
  for (const { file, keys, passages } of lessonsOf(series)) {
    const { value, line = 1, column = 1 } = keys.get('minutes') ?? {}
    if (typeof value === 'number' && isOutside(value, PRACTICE_MINUTES))
      yield { file, line, column, message: saying(value) }
    for (const { minutes, line } of passages)
      if (minutes !== undefined && isOutside(minutes, PRACTICE_MINUTES))
        yield { file, line, message: saying(minutes) }
  }
}

/** With `minutes`, all below the first heading is the practice, which may not be intended. */
function* practiceHeadings(series: SeriesSource): Generator<Spot> {
  for (const { file, line, marks, title } of practicesOf(series)) {
    const second = marks.find((mark) => mark.kind === 'heading' && mark.level === 2)
    if (second)
      yield {
        file,
        line: second.line,
        message: `belongs to the practice "${title}" at line ${line}, since minutes is set; write the practice as ::: practice … ::: if it ends before this`,
      }
  }
}

/**
 * Advice is not a practice: a reader who is half awake needs to know what to do first, and what
 * next.
 */
function* practiceSteps(series: SeriesSource): Generator<Spot> {
  for (const { file, line, marks, text } of practicesOf(series)) {
    if (text && !marks.some(({ kind }) => kind === 'steps'))
      yield { file, line, message: 'has no numbered steps; write them as 1. 2. 3.' }
  }
}
const practicesOf = (series: SeriesSource) =>
  lessonsOf(series)
    .flatMap(({ passages }) => passages)
    .filter(({ role }) => role === 'practice')

/**
 * Names and answers are optional: without one, "Good morning, {{firstName}}!" is "Good morning, !".
 */
function* bareName({ pages }: SeriesSource): Generator<Spot> {
  for (const { file, slots } of pages) {
    const within: string[] = []
    for (const [index, text] of slots.entries()) {
      for (const { 1: slot = '', index: at } of text.matchAll(PERSONAL)) {
        const [, condition] = /^#if (.+)$/.exec(slot) ?? []
        if (condition) within.push(condition)
        else if (slot === '/if') within.pop()
        else if (!within.includes(slot))
          yield { file, line: index + 1, column: at + 1, message: gapOf(slot) }
      }
    }
  }
}

const PERSONAL = /\{\{((?:#if )?(?:firstName|fields\.\w+)|\/if)\}\}/g

const gapOf = (slot: string) =>
  slot === 'firstName'
    ? 'leaves a gap for readers without a name; put it inside {{#if firstName}}…{{/if}}'
    : `leaves a gap for readers who gave no answer; write {{${slot} or …}} with words for them`

/**
 * The texts of course.yaml are shown on pages, which know no reader; its greeting is shown on none.
 */
function* slotInSettings({ pages }: SeriesSource): Generator<Spot> {
  for (const { file, slots, keys } of pages.filter(({ role }) => role === 'settings')) {
    const greeting = keys.get('greeting')?.line
    for (const [index, text] of slots.entries()) {
      const at = text.indexOf('{{')
      if (at >= 0 && index + 1 !== greeting)
        yield {
          file,
          line: index + 1,
          column: at + 1,
          message:
            'contains a slot, but it is shown on pages that do not know the reader; remove it',
        }
    }
  }
}

/**
 * Finds what was left for later before readers do; YAML comments count, since they are about what
 * is next to them.
 */
function* unfinished({ pages }: SeriesSource): Generator<Spot> {
  for (const { file, lines } of pages) {
    for (const [index, text] of lines.entries()) {
      for (const { index: at } of text.matchAll(todoPattern())) {
        const what = text.slice(at + TODO.length).trim()
        yield {
          file,
          line: index + 1,
          column: at + 1,
          message: `is not finished: ${shortened(what) || 'it does not say what to do'}; finish it, and remove the ${TODO}`,
        }
      }
    }
  }
}

/**
 * Characters that are not letters: private use ones, which look different in every font or are
 * missing, and the replacement character, left by a file saved or copied in another encoding.
 */
function* noLetter({ pages }: SeriesSource): Generator<Spot> {
  for (const { file, lines } of pages) {
    for (const [index, text] of lines.entries()) {
      for (const { 0: sign, index: at } of text.matchAll(
        /[\p{Co}\uFDD0-\uFDEF\uFFFE\uFFFF\uFFFD]/gu,
      )) {
        const name = `U+${sign.codePointAt(0)?.toString(16).toUpperCase()}`
        const message =
          sign === LOST
            ? `contains ${LOST}, which stands for a letter that was lost when the text was saved; type it again`
            : `contains ${name}, a private-use character, which readers see as an empty box; remove it`
        yield { file, line: index + 1, column: at + 1, message }
      }
    }
  }
}
const LOST = '\uFFFD'

/** A practice within a text is not a separate text. */
const isWhole = ({ isWithin }: Passage) => !isWithin

export const bodyOf = ({ passages }: SourcePage) =>
  passages
    .filter(isWhole)
    .map(({ text }) => text)
    .join('\n')

export const TEXT_RULES: readonly Rule<SeriesSource>[] = [
  { name: 'repeated-subject', severity: 'error', find: repeatedSubject },
  { name: 'repeated-preheader', severity: 'warning', find: repeatedPreheader },
  { name: 'lesson-length', severity: 'warning', find: lessonLength },
  { name: 'inspiration-length', severity: 'warning', find: inspirationLength },
  { name: 'practice-minutes', severity: 'warning', find: practiceMinutes },
  { name: 'practice-headings', severity: 'warning', find: practiceHeadings },
  { name: 'practice-steps', severity: 'warning', find: practiceSteps },
  { name: 'bare-name', severity: 'error', find: bareName },
  { name: 'settings-slot', severity: 'error', find: slotInSettings },
  { name: 'unfinished', severity: 'error', find: unfinished },
  { name: 'no-letter', severity: 'error', find: noLetter },
]
