/** JSON from strangers: limited before it is parsed, and read without trusting its shape. */

/** No provider nests deeper than eight. */
const MAX_DEPTH = 32

export type Json = unknown

/** Parses the bytes; returns null if they are not JSON, or nested too deeply to be genuine. */
export function readJson(bytes: Uint8Array): Json | null {
  if (!isShallow(bytes)) return null
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}

const [QUOTE, ESCAPE] = ['"', '\\'].map((sign) => sign.charCodeAt(0))
const OPENS = new Set(['[', '{'].map((sign) => sign.charCodeAt(0)))
const CLOSES = new Set([']', '}'].map((sign) => sign.charCodeAt(0)))

/** Scans bytes, because in UTF-8 no part of another character equals one of these signs. */
function isShallow(bytes: Uint8Array): boolean {
  let depth = 0
  let isText = false
  for (let valueAt = 0; valueAt < bytes.length; valueAt++) {
    const byte = bytes[valueAt] as number
    if (isText && byte === ESCAPE) valueAt++
    else if (byte === QUOTE) isText = !isText
    else if (isText) continue
    else if (OPENS.has(byte) && ++depth > MAX_DEPTH) return false
    else if (CLOSES.has(byte)) depth--
  }
  return true
}

/** Returns the value at a path of names; undefined if there is none. */
export function at(json: Json, ...path: readonly string[]): Json {
  let value = json
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** No provider's text about a mail is longer. */
export const MAX_TEXT_LENGTH = 4_000

/** Returns the text at a path, or a number as text; '' if there is neither. */
export function textAt(json: Json, ...path: readonly string[]): string {
  const value = at(json, ...path)
  return typeof value === 'string' || typeof value === 'number'
    ? String(value).slice(0, MAX_TEXT_LENGTH)
    : ''
}

/** Returns the list at a path; empty if there is none. */
export function listAt(json: Json, ...path: readonly string[]): readonly Json[] {
  const value = at(json, ...path)
  return Array.isArray(value) ? value : []
}
