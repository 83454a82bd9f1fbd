/**
 * Fields of mails and of the parts of reports: `Name: value`, folded, in groups (RFC 5322, 3464).
 */

/** Maximum number of groups read: one for each recipient. */
const MAX_GROUPS = 100
const MAX_FIELDS = 200
/** Maximum number of characters read of a field. */
const MAX_VALUE_LENGTH = 4_000

/** Values by lower-case name, in their original order. */
export type Fields = ReadonlyMap<string, readonly string[]>

export const NO_FIELDS: Fields = new Map()

/** Returns the first non-empty value of these names, or ''. */
export const first = (fields: Fields, ...names: readonly string[]) => {
  for (const name of names) {
    const value = fields.get(name)?.[0]
    if (value) return value
  }
  return ''
}

const FIELD = /^([A-Za-z][A-Za-z0-9_-]{0,99})[ \t]*:(.*)$/

/**
 * Returns groups of fields, separated by empty lines. A line that is not a field continues the
 * previous one, because some servers fold without a space.
 */
export function groupsIn(text: string): Fields[] {
  const groups: Map<string, string[]>[] = []
  let group: Map<string, string[]> | null = null
  let values: string[] | null = null
  let count = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      group = values = null
      continue
    }
    const [, name, value = ''] = /^\s/.test(line) ? [] : (FIELD.exec(line) ?? [])
    if (name && group === null) {
      if (groups.length >= MAX_GROUPS) break
      group = new Map()
      groups.push(group)
      count = 0
    }
    if (name && group && ++count <= MAX_FIELDS) {
      values = group.get(name.toLowerCase()) ?? []
      group.set(name.toLowerCase(), values)
      values.push(value.trim().slice(0, MAX_VALUE_LENGTH))
    } else if (!name && values) {
      const whole = `${values.pop() ?? ''} ${line.trim()}`
      values.push(whole.trim().slice(0, MAX_VALUE_LENGTH))
    }
  }
  return groups
}

/** Returns the fields before the first empty line. */
export const headersIn = (text: string): Fields => groupsIn(text)[0] ?? NO_FIELDS

/** Returns `text` of `type; text`. */
export const untyped = (typed: string) => typed.replace(/^[\w.-]{1,60}\s*;/, '').trim()

const ADDRESS =
  /(?:"[^"\n]{1,64}"|[^\s<>"'(),;:[\]\\@（）「」【】《》、，。：；]{1,64})@(?:[\p{L}\p{N}_-]{1,63}\.)*[\p{L}\p{N}-]{1,63}/gu

/** Returns the first address in a text, or null. */
export const addressIn = (text: string): string | null =>
  addressesIn(text.slice(0, MAX_VALUE_LENGTH))[0] ?? null

/** Returns all addresses in a text, without duplicates. */
export const addressesIn = (text: string): string[] => [
  ...new Set(
    (text.match(ADDRESS) ?? []).map((address) => address.replace(/^(?:smtp|rfc822)=/i, '')),
  ),
]

/**
 * Returns the address of `rfc822; ada@example.com` or `utf-8; …`, with xtext and the escapes of RFC
 * 6533 decoded; null if there is none.
 */
export function typedAddress(typed: string): string | null {
  const isUtf8 = /^\s*utf-8/i.test(typed)
  const text = untyped(typed).replace(/^<|>$/g, '')
  const plain = isUtf8
    ? text.replace(/\\x\{([0-9A-F]{1,6})\}/gi, (all, hex) => {
        const point = Number.parseInt(hex, 16)
        return point > 0x1f && point <= 0x10ffff ? String.fromCodePoint(point) : all
      })
    : text.replace(/\+(2B|3D)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return addressIn(plain)
}
