/** DNS, as the checks query it. */

export interface MailExchange {
  readonly exchange: string
  readonly priority: number
}

/**
 * Each method returns what is published: nothing if the name or the record type does not exist.
 * Rejects with NoAnswerError if that cannot be found out.
 */
export interface DnsResolver {
  /** Each record as one string. */
  txt(name: string): Promise<readonly string[]>
  mx(name: string): Promise<readonly MailExchange[]>
  /** IPv4 and IPv6. */
  addresses(name: string): Promise<readonly string[]>
  /** Names of an IP address. */
  ptr(address: string): Promise<readonly string[]>
}

/** DNS gave no result: a timeout, or a server that fails. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError'
}

/** Returns the name in lower case, without a trailing dot. */
export const plainDomain = (name: string) => name.toLowerCase().replace(/\.$/, '')

/** Whether a name is a domain or below it. */
export const isWithin = (name: string, domain: string) =>
  plainDomain(name) === plainDomain(domain) || plainDomain(name).endsWith(`.${plainDomain(domain)}`)

/** Returns the domain of an address, or of a name. */
export const domainIn = (address: string) => address.slice(address.lastIndexOf('@') + 1)

/**
 * Returns the tags of a record such as `v=DMARC1; p=none` (RFC 6376, 3.2), by lower-case name; null
 * if it is not such a list, or names a tag twice.
 */
export function readTags(text: string): ReadonlyMap<string, string> | null {
  const tags = new Map<string, string>()
  const parts = text.split(';').map((part) => part.trim())
  if (parts.at(-1) === '') parts.pop()
  for (const part of parts) {
    const [, name = '', value = ''] = /^([a-z]\w*)\s*=\s*([\s\S]*)$/i.exec(part) ?? []
    if (!name || tags.has(name.toLowerCase())) return null
    tags.set(name.toLowerCase(), value.trim())
  }
  return tags
}
