import pino from 'pino'
import { withoutAddresses } from './domain/reply.ts'

export type Logger = pino.Logger

/**
 * JSON lines on stderr; stdout belongs to what a command prints.
 *
 * At info level no line may hold an address, a token or a credential (standards.md I13): log ids. What a
 * library puts into an error is redacted by shape, since SMTP servers like to repeat the address.
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

/** pino would take a lone error's own words for the line's message: it gets a message that holds none. */
function logMethod(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn) {
  const [first, message] = args as unknown[]
  if (typeof first === 'string' || message !== undefined) return method.apply(this, args)
  const fields = first instanceof Error ? { err: first } : first
  return method.apply(this, [fields, 'an error'] as unknown as Parameters<pino.LogFn>)
}

const CREDENTIALS = /:\/\/[^\s/@]+@/g

const scrub = (text: string) => withoutAddresses(text.replace(CREDENTIALS, '://…@'))

function scrubbed(thrown: unknown) {
  if (!(thrown instanceof Error))
    return thrown === undefined || thrown === null ? thrown : scrub(String(thrown))
  const { type, message, stack, code } = pino.stdSerializers.err(thrown)
  return { type, code, message: scrub(message), stack: scrub(stack) }
}
