import type { FieldValues } from '../../domain/own-fields.ts'
import type { Sender } from '../../platform/config-values.ts'
import type { Edition, Reader } from '../edition.ts'
import type { Mail, Stamp } from '../mail.ts'
import {
  buildEditionHeader,
  buildHeader,
  type HeaderData,
  headerLine,
  withoutReplyTo,
} from './headers.ts'

/** Composes one mail for one person. Preview, test mail and real mail are all made here (I8). */
export function compose(edition: Edition, person: Reader, stamp: Stamp, from: Sender): Mail {
  const reader = {
    ...person,
    firstName: headerLine(person.firstName),
    fields: inLines(person.fields),
  }
  const subject = headerLine(edition.subject(reader))
  return {
    envelope: { from: stamp.returnPath ?? from.address, to: reader.address },
    subject,
    messageId: stamp.messageId,
    message: [
      Buffer.from(buildEditionHeader(edition, reader, { ...stamp, subject }, from)),
      ...edition.skeleton.fill(reader),
    ],
  }
}

/** A mail made for one person only. */
export interface Notice {
  readonly subject: string
  readonly contentType: string
  readonly body: readonly Buffer[]
}

export interface NoticeTerms {
  readonly to: string
  readonly stamp: Stamp
  /** The list it belongs to: see headers.ts. */
  readonly list: HeaderData['list']
}

/** Composes a notice for its only reader. */
export function composeNotice(
  { body, contentType, ...notice }: Notice,
  { to, stamp, list }: NoticeTerms,
  from: Sender,
): Mail {
  const subject = headerLine(notice.subject)
  const heading = { to: { name: '', address: to }, list, contentType }
  const header = buildHeader(heading, { ...stamp, subject }, withoutReplyTo(from))
  return {
    envelope: { from: stamp.returnPath ?? from.address, to },
    subject,
    messageId: stamp.messageId,
    message: [Buffer.from(header), ...body],
  }
}

/** An answer, like a name, can appear in a subject and must be one line. */
function inLines(fields: FieldValues): FieldValues {
  const all = Object.entries(fields)
  if (all.length === 0) return fields
  return Object.fromEntries(all.map(([name, value]) => [name, headerLine(value)]))
}
