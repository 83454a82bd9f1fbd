/** Proves at startup that a signer works (standards.md, trap 2). */
import type { Sender } from '../../platform/config-values.ts'
import { rawOf, type Signer } from '../mail.ts'
import { faultOfSignature } from './dkim-verify.ts'
import { buildHeader, domainOf } from './headers.ts'

const BODY = ['A line.\r\n\r\nAnother, in two', ' pieces.\r\n', '.\r\n']

/**
 * Signs a mail that nobody receives, with every field a real one can have, and verifies it with the
 * key's DNS record. Throws a RangeError if verification fails.
 */
export async function verifySigner(sign: Signer, record: string, from: Sender): Promise<void> {
  const address = `prüfung@${domainOf(from)}`
  const header = buildHeader(
    {
      to: { name: 'Ada, “Dawn” Lovelace', address },
      list: {
        id: 'probe',
        title: 'A probe, and a title that is long enough for its line to be folded: ünïcödé',
        unsubscribeUrl: `https://${domainOf(from)}/u/${'a'.repeat(120)}`,
        kind: 'probe',
      },
      contentType: 'text/plain; charset=utf-8',
    },
    {
      messageId: `<probe@${domainOf(from)}>`,
      date: Temporal.Instant.fromEpochMilliseconds(0),
      subject: 'A probe with  two spaces — and a dash',
    },
    { ...from, replyTo: from.replyTo ?? from.address },
  )
  const signed = await sign([Buffer.from(header), ...BODY.map((text) => Buffer.from(text))])
  const fault = faultOfSignature(rawOf({ message: signed }), record)
  if (fault) throw new RangeError(`a mail signed with it is not verified: ${fault}`)
}
