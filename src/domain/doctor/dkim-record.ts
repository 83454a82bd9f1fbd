/** Compares the record of a DKIM selector (RFC 6376, 3.6.1) with the key that signs. */
import { dkimRecordName } from '../dkim.ts'
import { isWithin, readTags } from './dns.ts'
import { type DoctorFinding, error, info, ok, record, warning } from './finding.ts'

export interface DkimPublicKey {
  readonly domain: string
  readonly selector: string
  /** SubjectPublicKeyInfo in base64: the expected value of p=. */
  readonly publicKey: string
}

const WHY =
  'Every mail is signed with this key. A signature that cannot be verified counts as none.'

/** `texts` are the records at the selector's name. */
export function judgeDkim(texts: readonly string[], key: DkimPublicKey): DoctorFinding[] {
  const name = dkimRecordName(key)
  const more = {
    subject: name,
    why: WHY,
    fix: 'Publish this record in place of what is there.',
    records: [record('TXT', name, `v=DKIM1; k=rsa; p=${key.publicKey}`, { replaces: texts })],
  }
  const [text, ...extraTexts] = texts
  if (text === undefined)
    return [
      error('dns.dkim.missing', `There is no DKIM record at ${name}.`, {
        ...more,
        fix: 'Publish this record.',
      }),
    ]
  if (extraTexts.length > 0)
    return [error('dns.dkim.several', `There are ${texts.length} records at ${name}.`, more)]
  const tags = readTags(text)
  const value = (tag: string, usual: string) => tags?.get(tag) ?? usual
  const written = value('p', '').replace(/\s+/g, '')
  if (!tags?.has('p') || value('v', 'DKIM1') !== 'DKIM1')
    return [error('dns.dkim.syntax', `The record at ${name} is not a DKIM record.`, more)]
  if (written === '')
    return [error('dns.dkim.revoked', `The key at ${name} is revoked: its p= is empty.`, more)]
  if (value('k', 'rsa').toLowerCase() !== 'rsa')
    return [error('dns.dkim.key-type', `The key at ${name} is not an RSA key.`, more)]
  if (written !== key.publicKey)
    return [
      error('dns.dkim.other-key', `The key at ${name} is not the key that signs mail.`, {
        ...more,
        why: `${WHY} Part of the key may have been lost when it was pasted.`,
      }),
    ]
  const limits = limitsOf(value, name, more)
  return limits.length > 0
    ? limits
    : [ok('dns.dkim.ok', `DKIM: ${name} has the key that signs mail.`, { subject: name })]
}

function limitsOf(
  value: (tag: string, usual: string) => string,
  name: string,
  more: Parameters<typeof error>[2],
): DoctorFinding[] {
  const listed = (tag: string, usual: string) =>
    value(tag, usual)
      .toLowerCase()
      .split(/\s*:\s*/)
  const found: DoctorFinding[] = []
  if (!listed('h', 'sha256').includes('sha256'))
    found.push(error('dns.dkim.hash', `The record at ${name} does not permit SHA-256.`, more))
  if (!listed('s', '*').some((service) => service === '*' || service === 'email'))
    found.push(error('dns.dkim.service', `The key at ${name} is not for mail.`, more))
  if (listed('t', '').includes('y'))
    found.push(
      warning('dns.dkim.testing', `The record at ${name} puts DKIM in test mode (t=y).`, {
        ...more,
        why: 'Receivers may treat the mail as if it were not signed.',
      }),
    )
  return found
}

/** For a setup in which Dawnpost signs nothing: the relay may. */
export const dkimByRelay = (domain: string, settings: readonly string[]): DoctorFinding =>
  warning('dns.dkim.none', `Dawnpost does not sign mail from ${domain}.`, {
    subject: domain,
    why: `Gmail, Yahoo and Microsoft require a DKIM signature, which should be from ${domain}. Most relays sign once the domain is set up with them.`,
    fix: 'Check in the settings of your relay that it signs with your own domain. Or make a key with `dawnpost dkim`, and publish its record.',
    settings,
  })

/** A key for a domain that the From address does not belong to is of no use. */
export const dkimUnused = (key: DkimPublicKey, domain: string): DoctorFinding[] =>
  isWithin(domain, key.domain) || isWithin(key.domain, domain)
    ? []
    : [
        info(
          'dns.dkim.other-domain',
          `A DKIM key is for ${key.domain}, but mail is from ${domain}.`,
          {
            subject: key.domain,
            why: 'A signature from another domain does not count for DMARC.',
            fix: `Make a key for ${domain}.`,
          },
        ),
      ]
