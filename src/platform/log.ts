import pino from 'pino'
import { withoutAddresses } from '../domain/reply.ts'
import { openRepeats } from './repeats.ts'

export type Logger = pino.Logger

/**
 * JSON lines on stderr; stdout belongs to what a command prints.
 *
 * At info level no line may hold an address, a token or a credential (standards.md I13): log ids.
 * What a library puts into an error is redacted by shape, since SMTP servers like to repeat the
 * address.
 *
 * An error that repeats is written once a second at most: the last of them, and in `repeated` how
 * many it stands for.
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

const repeats = openRepeats()

/**
 * pino would take a lone error's own words for the line's message: it gets a message that holds
 * none. Lines with an error go by way of what holds back repetitions.
 */
function logMethod(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn, level: number) {
  const [first, message, ...values] = args as unknown[]
  if (typeof first !== 'object' || first === null) return method.apply(this, args)
  const fields: object = first instanceof Error ? { err: first } : first
  const write = (more: object) =>
    method.call(this, { ...fields, ...more }, (message ?? 'an error') as string, ...(values as []))
  if (!('err' in fields)) return write({})
  repeats.take(`${level} ${message} ${kindOf(fields.err)}`, (repeated) =>
    write(repeated > 0 ? { repeated } : {}),
  )
}

/** Errors that differ in nothing but numbers and ids are one. */
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
