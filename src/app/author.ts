import { plan } from '../actions/sending/plan.ts'
import { sendTest, type TestMail } from '../actions/sending/send-test.ts'
import { skipToNextMorning } from '../actions/sending/skip-to-next-morning.ts'
import * as stores from '../store/index.ts'
import type { openCourses } from './courses.ts'
import type { Deps } from './deps.ts'
import type { Infrastructure } from './infrastructure.ts'

/** What an author does: changes courses, views mails. */
export const openAuthor = (
  deps: Deps,
  infrastructure: Infrastructure,
  courses: Awaited<ReturnType<typeof openCourses>>,
) => ({
  courses,
  sendTest: (mail: TestMail) => sendTest(mail, deps),
  /** Null if mail really leaves. */
  sandbox:
    infrastructure.sandbox && infrastructure.clock ? openOutbox(deps, infrastructure.clock) : null,
})

const openOutbox = (deps: Deps, clock: NonNullable<Infrastructure['clock']>) => ({
  list: (limit: number) => stores.sandbox.list(deps.db, limit),
  since: (after: string) => stores.sandbox.since(deps.db, after),
  one: (id: string) => stores.sandbox.byId(deps.db, id),
  version: () => stores.sandbox.version(deps.db),
  skipToNextMorning: () =>
    skipToNextMorning(clock, { ...deps, plan: () => plan(deps.now(), null, deps) }),
})
