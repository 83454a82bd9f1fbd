/** Connects the guard rails to what they use. */
import { checkGuardRails, type Deps } from '../actions/operating/guard-rails.ts'
import { SECOND } from '../domain/time.ts'
import { composeNotice } from '../mail/message/compose.ts'
import { openBackgroundTask } from '../platform/background-task.ts'
import type { Config } from '../platform/config.ts'
import { openIntervalLimiter } from '../platform/interval-limiter.ts'

/** Bounces come by the hundred: they are checked together. */
const GUARD_INTERVAL_MS = 5 * SECOND

type Given = Omit<Deps, 'composeNotice' | 'guardLimits' | 'operatorEmail'>

/**
 * Returns checks of bounces and complaints: `guard` checks now, `watch` soon. `opened` waits for a
 * check under way.
 */
export function openGuard(
  given: Given,
  { mail: { guardLimits, operatorEmail, from } }: Config,
  opened: AsyncDisposableStack,
) {
  const deps: Deps = {
    ...given,
    guardLimits,
    operatorEmail,
    composeNotice: (notice, terms) => composeNotice(notice, terms, from),
  }
  const guard = () => checkGuardRails(deps)
  const task = openBackgroundTask(guard, (error) =>
    given.log.warn({ err: error }, 'bounces and complaints could not be checked'),
  )
  opened.defer(() => task.settle())
  const mayLook = openIntervalLimiter(GUARD_INTERVAL_MS)
  return {
    guard,
    watch: () => {
      if (mayLook('what came back') !== null) task.trigger()
    },
  }
}
