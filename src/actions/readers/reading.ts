/** Everything a reader can read again, and note about it. */
import { type Deps as DaysDeps, daysOf, markPractice, practiceOf, whyGone } from './days.ts'
import { type Deps as ReadDeps, readLesson } from './read-lesson.ts'

export const openReading = (deps: DaysDeps & ReadDeps) => ({
  readLesson: (deliveryId: string) => readLesson(deliveryId, deps),
  daysOf: (enrollmentId: string) => daysOf(enrollmentId, deps),
  practiceOf: (deliveryId: string) => practiceOf(deliveryId, deps),
  whyGone: (deliveryId: string) => whyGone(deliveryId, deps),
  markPractice: (deliveryId: string, done: boolean) => markPractice(deliveryId, done, deps),
})
