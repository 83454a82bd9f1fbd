/** DNS, as the checks ask it. */

export interface MailExchange {
  readonly exchange: string
  readonly priority: number
}

/**
 * Each gives what is published: nothing where the name or the kind of record does not exist.
 * Rejects with NoAnswer when that cannot be found out.
 */
export interface Names {
  /** Each record in one piece. */
  txt(name: string): Promise<readonly string[]>
  mx(name: string): Promise<readonly MailExchange[]>
  /** IPv4 and IPv6. */
  addresses(name: string): Promise<readonly string[]>
  /** The names of an address. */
  ptr(address: string): Promise<readonly string[]>
}

/** DNS did not say: no answer in time, or a server that fails. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
}

/** In lower case, without the dot at the end. */
export const plainDomain = (name: string) => name.toLowerCase().replace(/\.$/, '')

/** Whether a name is a domain, or below it. */
export const isWithin = (name: string, domain: string) =>
  plainDomain(name) === plainDomain(domain) || plainDomain(name).endsWith(`.${plainDomain(domain)}`)

/** The domain of an address, or of a name. */
export const domainIn = (address: string) => address.slice(address.lastIndexOf('@') + 1)

/**
 * The tags of a record as `v=DMARC1; p=none` (RFC 6376, 3.2), by lower-case name; null when it is
 * no such list, or names a tag twice.
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
