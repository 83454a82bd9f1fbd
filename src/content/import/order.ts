/** Which mail of a folder comes first. */
import { readableName } from './lines.ts'

export interface Placed {
  /** Of its file. */
  readonly name: string
  /** Of its front matter. */
  readonly keys: Readonly<Record<string, string>>
}

const NUMBER =
  /^(?:day|lesson|mail|e-?mail|letter|part|step|no|nr|tag|lektion|jour|d[ií]a|giorno)?[-_. ]*(\d{1,9})(?!\d)/i
/** What stands before all else in any book. */
const OPENING =
  /^(preface|foreword|prologue?|intro|introduction|before-you-begin|start-here|vorwort|einleitung|avant-propos|pr[oó]logo)$/i
const { compare } = new Intl.Collator('en', { numeric: true })

/** The number that a file's name begins with; null for one without. */
export const numberOf = ({ name }: Pick<Placed, 'name'>): number | null => {
  const [, digits] = NUMBER.exec(name) ?? []
  return digits === undefined ? null : Number(digits)
}

/** A mail that is one of the two letters of a course: the file is called so, without a number. */
export const letterIn = ({ name }: Pick<Placed, 'name'>): 'welcome' | 'completion' | null => {
  const [, letter] = /^(welcome|completion)\.\w+$/i.exec(name) ?? []
  return letter === undefined ? null : (letter.toLowerCase() as 'welcome' | 'completion')
}

/**
 * By number. Of those without, a preface comes first, and the others after all that have one: by
 * the weight or the date of their front matter, or else by their names.
 */
export const mailsInOrder = <T extends Placed>(mails: readonly T[]): T[] =>
  mails.toSorted(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      (numberOf(a) ?? 0) - (numberOf(b) ?? 0) ||
      (numberOf(a) === null
        ? weightOf(a) - weightOf(b) || compare(dateKeyOf(a), dateKeyOf(b))
        : 0) ||
      compare(a.name, b.name),
  )

const rankOf = (mail: Placed) => (numberOf(mail) !== null ? 1 : isOpening(mail) ? 0 : 2)
const isOpening = ({ name }: Placed) => OPENING.test(readableName(name).replace(/\s+/g, '-'))
const weightOf = ({ keys }: Placed) =>
  Number(keys.weight ?? keys.order ?? keys.day ?? Number.MAX_SAFE_INTEGER) || 0
const dateKeyOf = ({ keys }: Placed) => keys.date ?? ''

/** Where those went that have no number among others that do, or the number 0. */
export function placeNotes(mails: readonly Placed[]): string[] {
  if (!mails.some((mail) => numberOf(mail) !== null)) return []
  return mails.flatMap((mail, index) => {
    const number = numberOf(mail)
    if (number !== null && number > 0) return []
    return [
      `${mail.name} has ${number === 0 ? 'the number 0' : 'no number'}; it is now day ${index + 1}`,
    ]
  })
}
