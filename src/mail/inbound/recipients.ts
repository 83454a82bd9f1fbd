/** Finds the recipients an unstructured report is about, and what it says of each. */
import { addressesIn, addressIn, type Fields } from './fields.ts'
import { type ReturnedMail, soleRecipient } from './original.ts'
import type { InboundMail } from './parse-mail.ts'

/** What is said about one recipient. */
export interface RecipientText {
  readonly recipient: string | null
  readonly text: string
}

const MAX_RECIPIENTS = 100
const MAX_TEXT_LENGTH = 2_000
/** Addresses of people and programs that run servers, never of readers. */
const SERVER_ADDRESS =
  /^(?:mailer-?daemon|postmaster|abuse|support|help(?:desk)?|admin(?:istrator)?|root|hostmaster|noc|mailmaster|nobody|unblock|delist\w*|removeme|b[+=_-][a-z2-7]{40,56})@/i
/** A line that begins with an address, or with what servers put before one. */
const LEADS =
  /^[\s*•>|"'<(-]*(?:[45]\d\d[ -](?:[45]\.\d+\.\d+ )?)?(?:(?:(?:failed )?(?:recipient|to|rcpt to|user|address|e-?mail|mailbox|an|à|a|para|кому|адрес|получатель|宛先|收件人|收件者|受信者|받는 ?사람|수신자|smtp|rfc822|unknown user|user unknown|no such user)s?)(?: address(?:es)?)?\s*[:：;=]?\s*)?["'<([]*(?:mailto:|smtp:|rfc822;\s*)?[^\s<>"'(),;:[\]@]{1,64}@[^\s<>"'(),;:[\]@]+/iu

/** Addresses the mail itself is from and to, which are not those it reports on. */
const ownAddressesOf = ({ headers }: InboundMail, returned: Fields): Set<string> =>
  new Set(
    [
      ...[
        'from',
        'to',
        'sender',
        'reply-to',
        'return-path',
        'delivered-to',
        'x-original-to',
      ].flatMap((name) => headers.get(name) ?? []),
      ...['from', 'sender', 'reply-to', 'return-path', 'errors-to'].flatMap(
        (name) => returned.get(name) ?? [],
      ),
    ]
      .flatMap((value) => addressesIn(value.slice(0, 2_000)))
      .map((address) => address.toLowerCase()),
  )

/** Fields of our mail as some servers list them first: `To: …`, `Subject: …`, `Sent: …`. */
const QUOTED_FIELD = /^[\s>|]*(?:to|cc|subject|sent|date|from|message-id|an|betreff|gesendet)\s*:/i
const SUBJECT = /^[\s>|]*(?:subject|betreff)\s*:/i

function withoutQuotedFields(said: string): string {
  const lines = said.split('\n')
  const at = lines.findIndex((line) => SUBJECT.test(line))
  if (at < 0) return said
  const isNear = (index: number) => Math.abs(index - at) <= 5
  const kept = lines.filter((line, index) => !(isNear(index) && QUOTED_FIELD.test(line)))
  return lines.length - kept.length > 1 ? kept.join('\n') : said
}

/** Returns what is said of each named recipient; at least one entry. */
export function textsByRecipient(
  mail: InboundMail,
  whole: string,
  returned: ReturnedMail,
): RecipientText[] {
  const said = withoutQuotedFields(whole)
  const ownAddresses = ownAddressesOf(mail, returned.headers)
  const isRecipient = (address: string) =>
    !ownAddresses.has(address.toLowerCase()) &&
    !SERVER_ADDRESS.test(address) &&
    address.includes('.')
  const failed = (mail.headers.get('x-failed-recipients') ?? [])
    .flatMap((value) => addressesIn(value))
    .slice(0, MAX_RECIPIENTS)
  const led = segmentsOf(said, isRecipient)
  const named = unique([...failed, ...led.keys()])
  if (named.length > 1)
    return named.slice(0, MAX_RECIPIENTS).map((recipient) => ({
      recipient,
      text: (led.get(key(recipient)) ?? linesWith(said, recipient)).slice(0, MAX_TEXT_LENGTH),
    }))
  const [only] = named
  const recipient =
    only ??
    [said, whole].flatMap((text) => addressesIn(text.slice(0, 20_000))).find(isRecipient) ??
    soleRecipient(returned)
  return [{ recipient, text: (only && led.get(key(only))) || said.slice(0, MAX_TEXT_LENGTH) }]
}

const key = (address: string) => address.toLowerCase()
const unique = (addresses: readonly string[]) => [
  ...new Map(addresses.map((address) => [key(address), address])).values(),
]

/** Returns the lines from each line that begins with an address up to the next such line. */
function segmentsOf(said: string, isRecipient: (address: string) => boolean): Map<string, string> {
  const found = new Map<string, string>()
  let current: string | null = null
  for (const line of said.split('\n')) {
    const address = LEADS.test(line.slice(0, 400)) ? addressIn(line) : null
    if (address && isRecipient(address)) current = address
    if (!current) continue
    const before = found.get(key(current)) ?? ''
    if (before.length < MAX_TEXT_LENGTH) found.set(key(current), `${before}${line}\n`)
  }
  return found
}

const linesWith = (said: string, address: string) => {
  const lines = said.split('\n')
  return lines
    .flatMap((line, index) =>
      key(line).includes(key(address)) ? lines.slice(index, index + 3) : [],
    )
    .join('\n')
}
