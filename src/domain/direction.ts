/** Which way the texts of a series are written. */
export interface Direction {
  readonly direction: 'ltr' | 'rtl'
  /** The side where a line begins, and the one where it ends. */
  readonly start: 'left' | 'right'
  readonly end: 'left' | 'right'
}

const LTR: Direction = { direction: 'ltr', start: 'left', end: 'right' }
const RTL: Direction = { direction: 'rtl', start: 'right', end: 'left' }

/**
 * The direction of a language tag (BCP 47), by the script it names or is usually written in:
 * `az-Arab` runs from the right, `he-Latn` from the left. What is no tag runs from the left.
 */
export function directionOf(language: string): Direction {
  try {
    return new Intl.Locale(language).getTextInfo().direction === 'rtl' ? RTL : LTR
  } catch (error) {
    if (error instanceof RangeError) return LTR
    throw error
  }
}
