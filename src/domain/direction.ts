/** Writing direction of the texts of a series. */
export interface Direction {
  readonly direction: 'ltr' | 'rtl'
  /** The side where a line begins, and the one where it ends. */
  readonly start: 'left' | 'right'
  readonly end: 'left' | 'right'
}

const LTR: Direction = { direction: 'ltr', start: 'left', end: 'right' }
const RTL: Direction = { direction: 'rtl', start: 'right', end: 'left' }

/**
 * Returns the direction of a language tag (BCP 47), by the script it names or is usually written
 * in: `az-Arab` is right-to-left, `he-Latn` left-to-right. An invalid tag is left-to-right.
 */
export function directionOf(language: string): Direction {
  try {
    return new Intl.Locale(language).getTextInfo().direction === 'rtl' ? RTL : LTR
  } catch (error) {
    if (error instanceof RangeError) return LTR
    throw error
  }
}
