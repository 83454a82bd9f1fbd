/** Keeps listening for bounces, whatever happens to the port. */
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { BounceListener } from '../../mail/receive/listener.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import { backoff, wait } from './while-leased.ts'

export interface Deps {
  readonly db: Parameters<typeof stores.notices.record>[0]
  readonly stores: Pick<typeof stores, 'notices'>
  readonly log: Logger
  /** Name of the listener in the log. */
  readonly name: string
  readonly listen: () => Promise<BounceListener>
  /** Called once it listens. */
  readonly begun: (listening: BounceListener) => void
}

const BACKOFF_MS = { least: SECOND, most: MINUTE }
/** How often the certificate is checked again: it is renewed every few weeks. */
const CERTIFICATE_CHECK_INTERVAL_MS = 60 * MINUTE
const NOTICE = 'bounce-listener'

/** Listens until `signal` is aborted. A failure is logged once, and shown in the status. */
export async function followListener(signal: AbortSignal, deps: Deps): Promise<void> {
  const { db, stores, log, name, listen, begun } = deps
  // Repeated with every check of the certificate, as the database may be unreachable the first
  // time.
  const settle = () => stores.notices.resolve(db, NOTICE).catch(() => {})
  let failures = 0
  let lastFailure = ''
  while (!signal.aborted) {
    try {
      const listening = await listen()
      failures = 0
      await settle()
      if (lastFailure) log.info({ listen: name }, 'listening for bounces again')
      lastFailure = ''
      begun(listening)
      while (!signal.aborted) {
        await wait(CERTIFICATE_CHECK_INTERVAL_MS, signal)
        await settle()
        if (!signal.aborted)
          await listening
            .reloadCertificate()
            .catch((err) => log.error({ err }, 'the certificate in BOUNCE_TLS_CERT cannot be used'))
      }
      await listening.close()
    } catch (error) {
      failures += 1
      const { message } = error as Error
      if (message !== lastFailure) {
        log.error({ listen: name, err: error }, 'the bounce listener failed; it is tried again')
        await stores.notices.record(db, NOTICE).catch(() => {})
      }
      lastFailure = message
      await wait(backoff(failures, BACKOFF_MS), signal)
    }
  }
}
