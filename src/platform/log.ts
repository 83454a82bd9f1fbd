import pino from 'pino'
import { withoutAddresses } from '../domain/smtp-reply.ts'
import { openLogDeduplicator } from './log-deduplicator.ts'

export type Logger = pino.Logger

/**
 * Logs JSON lines to stderr; stdout belongs to the output of commands.
 *
 * At info level no line may hold an address, a token or a credential (standards.md I13): log ids.
 * Text that a library puts into an error is redacted by shape, since SMTP servers tend to repeat
 * the address.
 *
 * A repeating error is written at most once a second: its last occurrence, with the number it
 * stands for in `repeated`.
 */
export const openLog = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: scrubbed },
      hooks: { logMethod },
    },
    pino.destination({ fd: 2, sync: true }),
  )

const deduplicator = openLogDeduplicator()

/**
 * pino would use a lone error's message as the message of the line, so it gets one that reveals
 * nothing. Lines with an error are throttled.
 */
function logMethod(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn, level: number) {
  const [first, message, ...values] = args as unknown[]
  if (typeof first !== 'object' || first === null) return method.apply(this, args)
  const fields: object = first instanceof Error ? { err: first } : first
  const write = (more: object) =>
    method.call(this, { ...fields, ...more }, (message ?? 'an error') as string, ...(values as []))
  if (!('err' in fields)) return write({})
  deduplicator.log(`${level} ${message} ${kindOf(fields.err)}`, (repeated) =>
    write(repeated > 0 ? { repeated } : {}),
  )
}

/** Errors that differ only in numbers and ids are of one kind. */
function kindOf(thrown: unknown): string {
  const {
    code,
    message = thrown,
    cause = '',
  } = (thrown ?? {}) as Partial<Error & { code: unknown }>
  return `${code} ${message} ${cause}`.slice(0, 300).replace(/[0-9a-f]*\d[0-9a-f-]*/gi, '#')
}

const CREDENTIALS = /:\/\/[^\s/@]+@/g

const scrub = (text: string) => withoutAddresses(text.replace(CREDENTIALS, '://…@'))

function scrubbed(thrown: unknown) {
  if (!(thrown instanceof Error))
    return thrown === undefined || thrown === null ? thrown : scrub(String(thrown))
  const { type, message, stack, code } = pino.stdSerializers.err(thrown)
  return { type, code, message: scrub(message), stack: scrub(stack) }
}
