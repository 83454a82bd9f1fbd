/** Which mail of a folder comes first. */
import { readableName } from './lines.ts'

export interface Placed {
  /** Of its file, or of the folder that it has to itself. */
  readonly name: string
  readonly number: number | null
  /** Of several folders, one after another, which it lies in. */
  readonly group: number
  /** Of its front matter. */
  readonly keys: Readonly<Record<string, string>>
}

const NUMBER =
  /^(?:day|lesson|mail|e-?mail|letter|part|step|week|no|nr|tag|lektion|woche|jour|d[ií]a|giorno)?[-_. ]*(\d{1,9})(?!\d)/i
/** What stands before all else in any book. */
const OPENING =
  /^(preface|foreword|prologue?|intro|introduction|before-you-begin|start-here|vorwort|einleitung|avant-propos|pr[oó]logo)$/i
const { compare } = new Intl.Collator('en', { numeric: true })

/** The number that a file's name begins with; null for one without. */
export function numberIn(name: string): number | null {
  const [, digits] = NUMBER.exec(name) ?? []
  return digits === undefined ? null : Number(digits)
}

/**
 * By number. Of those without, a preface comes first, and the others after all that have one: by
 * the weight or the date of their front matter, or else by their names.
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

/** Where those went that have no number among others that do, or the number 0. */
export function placeNotes(mails: readonly Placed[]): string[] {
  if (!mails.some(({ number }) => number !== null)) return []
  return mails.flatMap(({ name, number }, index) => {
    if (number !== null && number > 0) return []
    return [
      `${name} has ${number === 0 ? 'the number 0' : 'no number'}; it is now day ${index + 1}`,
    ]
  })
}
