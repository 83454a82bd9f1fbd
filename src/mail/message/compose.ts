import type { Sender } from '../../platform/config.ts'
import type { Edition } from '../render/compile.ts'
import { headerOf, oneLine } from './headers.ts'

/** The person a mail goes to, and the links that are theirs. */
export interface Reader {
  readonly address: string
  readonly firstName: string
  /** In words, in the series' language. */
  readonly enrolledOn: string
  readonly unsubscribeUrl: string
  /** For a lesson with an inspiration in its mail: leaves the inspirations only. */
  readonly besideUnsubscribeUrl: string
  readonly preferencesUrl: string
  /** For a confirmation: what they asked for, and the page that confirms it. */
  readonly confirmUrl: string
  readonly asked: string
  /** For a welcome: when the first mail comes, in their own time. */
  readonly firstMail: string
  /** For a lesson or an inspiration: the pages that show it, hold back what comes next, and send the next one now. */
  readonly lessonUrl: string
  readonly pauseUrl: string
  readonly nowUrl: string
  /** For a lesson: the page that notes its practice as done. */
  readonly practiceUrl: string
  /** For a completion: what they did, in a sentence; all that came; what can come after. */
  readonly youDid: string
  readonly daysUrl: string
  readonly completionUrl: string
  /** For a right that was asked for: the page that shows all that is known, or that erases it. */
  readonly dataUrl: string
  readonly eraseUrl: string
  /** For a new address: the page that confirms it. */
  readonly addressUrl: string
  /** For the old address: the page that undoes the change, and the new address, masked. The new one is told nothing. */
  readonly undoUrl: string
  readonly otherAddress: string
}

/** What identifies one delivery on its way: the same on every attempt (I5). */
export interface Stamp {
  readonly messageId: string
  readonly date: Temporal.Instant
}

/** The bytes of a message in pieces: its header first, ended by the empty line, then the body. */
export type Message = readonly [header: Buffer, ...body: readonly Buffer[]]

/** One mail, ready for a transport: its bytes, and whom SMTP is told. */
export interface Mail {
  readonly envelope: { readonly from: string; readonly to: string }
  readonly subject: string
  readonly messageId: string
  readonly message: Message
}

/** Composes one mail for one person. Preview, test mail and real mail all come from here (I8). */
export function compose(edition: Edition, person: Reader, stamp: Stamp, from: Sender): Mail {
  const reader = { ...person, firstName: oneLine(person.firstName) }
  const subject = oneLine(edition.subject(reader))
  return {
    envelope: { from: from.address, to: reader.address },
    subject,
    messageId: stamp.messageId,
    message: [
      Buffer.from(headerOf(edition, reader, { ...stamp, subject }, from)),
      ...edition.skeleton.fill(reader),
    ],
  }
}

/** The bytes in one piece. */
export const rawOf = ({ message }: Pick<Mail, 'message'>): Buffer => Buffer.concat(message)
