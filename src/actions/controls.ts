/** Everything a reader can do with an enrollment of theirs, by the link of any mail. */
import type { Rhythm } from '../domain/rhythm.ts'
import type * as stores from '../store/index.ts'
import { outlook } from './outlook.ts'
import { pause } from './pause.ts'
import { restart } from './restart.ts'
import { resume } from './resume.ts'
import { sendAgain } from './send-again.ts'
import { sendNow } from './send-now.ts'
import { setRhythm } from './set-rhythm.ts'
import { skipLesson } from './skip-lesson.ts'

type Deps = Parameters<typeof outlook>[1] &
  Parameters<typeof restart>[2] &
  Parameters<typeof sendNow>[1] &
  Parameters<typeof skipLesson>[2]

export const openControls = (deps: Deps) => ({
  outlook: (enrollmentId: string) => outlook(enrollmentId, deps),
  setRhythm: (enrollmentId: string, rhythm: Rhythm) => setRhythm(enrollmentId, rhythm, deps),
  pause: (enrollmentId: string, until: Temporal.PlainDate | null) => pause(enrollmentId, until, deps),
  resume: (enrollmentId: string) => resume(enrollmentId, deps),
  sendNow: (enrollmentId: string) => sendNow(enrollmentId, deps),
  sendAgain: (enrollmentId: string) => sendAgain(enrollmentId, deps),
  skipLesson: (enrollmentId: string, which: string) => skipLesson(enrollmentId, which, deps),
  restart: (enrollmentId: string, consent: stores.consents.Consent) => restart(enrollmentId, consent, deps),
})
