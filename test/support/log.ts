import pino from 'pino'

/** A log that keeps its warnings and errors. */
export function keptLog() {
  const lines: { readonly msg: string; readonly [field: string]: unknown }[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  return { log, lines, messages: () => lines.map(({ msg }) => msg) }
}
