/** The order of the mails in a folder. */
import { readableName } from './lines.ts'

export interface Placed {
  /** Name of its file, or of its own folder. */
  readonly name: string
  readonly number: number | null
  /** Index of its folder, if mails come from several. */
  readonly group: number
  /** Keys of its front matter. */
  readonly keys: Readonly<Record<string, string>>
}

const NUMBER =
  /^(?:day|lesson|mail|e-?mail|letter|part|step|week|no|nr|tag|lektion|woche|jour|d[ií]a|giorno)?[-_. ]*(\d{1,9})(?!\d)/i
/** Names of what comes first in any book. */
const OPENING =
  /^(preface|foreword|prologue?|intro|introduction|before-you-begin|start-here|vorwort|einleitung|avant-propos|pr[oó]logo)$/i
const { compare } = new Intl.Collator('en', { numeric: true })

/** Returns the number that a file name begins with; null if there is none. */
export function numberIn(name: string): number | null {
  const [, digits] = NUMBER.exec(name) ?? []
  return digits === undefined ? null : Number(digits)
}

/**
 * Sorts mails by number. Of those without one, a preface comes first and the others last, by the
 * weight or date in their front matter, or else by name.
 */
export const mailsInOrder = <T extends Placed>(mails: readonly T[]): T[] =>
  mails.toSorted(
    (a, b) =>
      a.group - b.group ||
      rankOf(a) - rankOf(b) ||
      (a.number ?? 0) - (b.number ?? 0) ||
      (a.number === null ? weightOf(a) - weightOf(b) || compare(dateKeyOf(a), dateKeyOf(b)) : 0) ||
      compare(a.name, b.name),
  )

const rankOf = (mail: Placed) => (mail.number !== null ? 1 : isOpening(mail) ? 0 : 2)
const isOpening = ({ name }: Placed) => OPENING.test(readableName(name).replace(/\s+/g, '-'))
const weightOf = ({ keys }: Placed) =>
  Number(keys.weight ?? keys.order ?? keys.day ?? Number.MAX_SAFE_INTEGER) || 0
const dateKeyOf = ({ keys }: Placed) => keys.date ?? ''

/** Notes the places of mails that have no number while others do, or the number 0. */
export function placeNotes(mails: readonly Placed[]): string[] {
  if (!mails.some(({ number }) => number !== null)) return []
  return mails.flatMap(({ name, number }, index) => {
    if (number !== null && number > 0) return []
    return [
      `${name} has ${number === 0 ? 'the number 0' : 'no number'}; it is now day ${index + 1}`,
    ]
  })
}
