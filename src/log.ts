import pino from 'pino'

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
      serializers: { err: (error) => scrubbed(pino.stdSerializers.err(error)) },
    },
    pino.destination({ fd: 2, sync: true }),
  )

const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g
const CREDENTIALS = /:\/\/[^\s/@]+@/g

const scrub = (text: string) => text.replace(CREDENTIALS, '://…@').replace(ADDRESS, '…@…')

function scrubbed({
  type,
  message,
  stack,
  code,
}: {
  type?: string
  message?: string
  stack?: string
  code?: unknown
}) {
  return { type, code, message: scrub(message ?? ''), stack: scrub(stack ?? '') }
}
