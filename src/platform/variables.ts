/**
 * The environment, variable by variable: what cannot be used is noted, with what to do, and the
 * rest is read.
 */
export type Env = Readonly<Record<string, string | undefined>>

export type Variables = ReturnType<typeof openVariables>

export function openVariables(env: Env) {
  const faults: string[] = []
  /**
   * Notes what is wrong with a variable. What it returns is never used: with a fault there is no
   * configuration.
   */
  const fault = (name: string, what: string) => {
    faults.push(`${name}: ${what}`)
    return undefined as never
  }
  const text = (name: string) => env[name]?.trim() || null
  return {
    faults,
    fault,
    /** Null where it is empty, too. */
    text,
    /** The same, of one that has to be there when `isNeeded`. */
    needed: (name: string, isNeeded: boolean, why: string) => {
      const value = text(name)
      if (!value && isNeeded) fault(name, `missing; ${why}`)
      return value
    },
    whole: (name: string, fallback: number, { least = 0, most }: Range) => {
      const value = text(name)
      if (value === null) return fallback
      if (!/^\d+$/.test(value) || Number(value) > most)
        return fault(name, `cannot use "${value}"; use a whole number from 0 to ${most}`)
      return Number(value) < least
        ? fault(name, `cannot use "${value}"; use at least ${least}`)
        : Number(value)
    },
    oneOf: <T extends string>(name: string, all: readonly T[], fallback: T): T => {
      const value = text(name) ?? fallback
      const found = all.find((one) => one === value)
      return found ?? fault(name, `cannot use "${value}"; use one of ${all.join(', ')}`)
    },
    url: (name: string, protocols: readonly string[]) => {
      const value = text(name)
      if (value === null || protocols.includes(URL.parse(value)?.protocol ?? '')) return value
      const starts = protocols.map((protocol) => `${protocol}//`).join(' or ')
      return protocols.some((protocol) => value.startsWith(protocol))
        ? fault(name, `cannot be read; ${ESCAPES}`)
        : fault(name, `must be an address that starts with ${starts}`)
    },
    /**
     * Parts between commas or spaces, each as `read` makes it of its text; `like` tells what it is
     * to be.
     */
    list: (name: string, read: (one: string) => string | null, like: string) =>
      (text(name)?.split(/[\s,]+/) ?? [])
        .filter(Boolean)
        .map((one) => read(one) ?? fault(name, `"${one}" is not ${like}`)),
  }
}

interface Range {
  readonly least?: number
  readonly most: number
}

const ESCAPES = 'in its password, write % as %25, # as %23, / as %2F and ? as %3F'
