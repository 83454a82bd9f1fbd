import pino from 'pino'

/** A log that keeps its warnings and errors. */
export function keptLog() {
  const lines: { msg: string }[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  return { log, messages: () => lines.map(({ msg }) => msg) }
}
