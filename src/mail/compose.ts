import type { Sender } from '../config.ts'
import type { Edition } from './compile.ts'
import { headersFor } from './headers.ts'

/** The person a mail goes to, and the links that are theirs. */
export interface Reader {
  readonly address: string
  readonly firstName: string
  /** In words, in the series' language. */
  readonly enrolledOn: string
  readonly unsubscribeUrl: string
  readonly preferencesUrl: string
  /** For a confirmation: what they asked for, and the page that confirms it. */
  readonly confirmUrl: string
  readonly asked: string
  /** For a welcome: when the first mail comes, in their own time. */
  readonly firstMail: string
}

/** What identifies one delivery on its way: the same on every attempt (I5). */
export interface Stamp {
  readonly messageId: string
  readonly date: Temporal.Instant
}

/** One mail, ready for a transport. */
export interface Mail {
  readonly envelope: { readonly from: string; readonly to: string }
  readonly from: Sender
  readonly to: Sender
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly messageId: string
  readonly date: Date
  readonly headers: Readonly<Record<string, string>>
  readonly list: { readonly id: { readonly url: string; readonly comment: string } } | null
}

/** Composes one mail for one person. Preview, test mail and real mail all come from here (I8). */
export function compose(edition: Edition, reader: Reader, stamp: Stamp, from: Sender): Mail {
  return {
    envelope: { from: from.address, to: reader.address },
    from,
    to: { name: oneLine(reader.firstName), address: reader.address },
    subject: oneLine(edition.subject(reader)),
    html: edition.html(reader),
    // Line ends as on the wire, or the quoted-printable encoder counts lines across them.
    text: edition.text(reader).replaceAll('\n', '\r\n'),
    messageId: stamp.messageId,
    date: new Date(stamp.date.epochMilliseconds),
    ...headersFor(edition, reader, from),
  }
}

/** Nothing that goes into a header may end its line (standards.md F4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim()
