/** What is made of reports. */
import type { Bounces } from '../actions/receiving/receive.ts'

/** For now: nothing follows from a report. */
export const openBounces = (): Bounces => ({
  take: async () => [],
  isReturnPath: (localPart) => /^b\+[a-z2-7]{53}$/i.test(localPart),
})
