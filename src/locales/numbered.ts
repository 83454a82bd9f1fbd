/** Sentences about a day, for a series that counts days, and their counterparts about a lesson. */
import type { Key } from './locale.ts'

const OF_LESSONS: Partial<Record<Key, Key>> = {
  'mail.lesson.day': 'mail.lesson.number',
  'mail-kind.lesson': 'mail-kind.lesson-number',
  'preview.day': 'preview.lesson',
  'calendar.came': 'calendar.lessons.came',
  'calendar.on-its-way': 'calendar.lessons.on-its-way',
  'calendar.skipped': 'calendar.lessons.skipped',
  'calendar.ahead': 'calendar.lessons.ahead',
  'page.confirmed.next-day': 'page.confirmed.next-lesson',
  'page.course.opening': 'page.course.opening-lesson',
  'page.course.part-days': 'page.course.part-lessons',
  'page.preferences.day': 'page.preferences.lesson',
  'page.preferences.skipped-lesson': 'page.preferences.skipped-number',
  'page.preferences.button-now': 'page.preferences.button-now-number',
  'page.preferences.button-again-lesson': 'page.preferences.button-again-number',
  'page.preferences.button-skip-lesson': 'page.preferences.button-skip-number',
  'page.preferences.button-restart': 'page.preferences.button-restart-number',
  'page.preferences.done-restarted': 'page.preferences.done-restarted-number',
  'page.now.heading': 'page.now.heading-number',
  'page.completion.heading': 'page.completion.heading-lessons',
  'page.completion.again-when': 'page.completion.again-when-number',
  'page.days.heading': 'page.days.heading-lessons',
  'page.days.row': 'page.days.row-of-lessons',
  'page.days.row-done': 'page.days.lesson-done',
  'page.days.row-came': 'page.days.lesson-came',
  'page.days.row-skipped': 'page.days.lesson-skipped',
  'page.days.row-ahead': 'page.days.lesson-ahead',
  'page.days.row-out': 'page.days.lesson-out',
  'page.days.day': 'page.days.lesson',
  'page.practice.of-day': 'page.practice.of-number',
  'page.practice.of-lesson': 'page.practice.of-numbered',
  'page.practice.days': 'page.practice.lessons',
  'page.practice.note': 'page.practice.note-lessons',
  'page.lesson-bar.lesson': 'page.lesson-bar.number',
  'page.data.email-of-day': 'page.data.email-of-lesson',
}

/** Returns the key of a sentence about a day, or of its counterpart about a lesson. */
export const keyForUnit = (unit: 'day' | 'lesson', key: Key): Key =>
  unit === 'lesson' ? (OF_LESSONS[key] ?? key) : key
