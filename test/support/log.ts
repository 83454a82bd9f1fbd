import pino from 'pino'

/** A log that keeps its warnings and errors. */
export function keptLog() {
  const lines: { readonly msg: string; readonly [field: string]: unknown }[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  return { log, lines, messages: () => lines.map(({ msg }) => msg) }
}

/** What a worker logs when one of its periodic tasks has failed. */
const TURN_FAILED = / failed; it will be tried again$/

/**
 * A log that fails the test if a periodic task of a worker has failed in the background, which
 * would go unnoticed otherwise.
 */
export function failingLog() {
  const { log, lines } = keptLog()
  log.level = 'error'
  const expectNoFailure = () => {
    const failed = lines.find(({ msg }) => TURN_FAILED.test(msg))
    if (failed) throw new Error(`${failed.msg}: ${JSON.stringify(failed.err)}`)
  }
  return { log, expectNoFailure }
}
