import type { FieldValues } from '../../domain/own-fields.ts'
import type { Sender } from '../../platform/config-values.ts'
import type { Edition, Reader } from '../edition.ts'
import type { Mail, Stamp } from '../mail.ts'
import { headerLine, headerOf } from './headers.ts'

/** Composes one mail for one person. Preview, test mail and real mail all come from here (I8). */
export function compose(edition: Edition, person: Reader, stamp: Stamp, from: Sender): Mail {
  const reader = {
    ...person,
    firstName: headerLine(person.firstName),
    fields: inLines(person.fields),
  }
  const subject = headerLine(edition.subject(reader))
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

/** An answer may stand in a subject, as a name may. */
function inLines(fields: FieldValues): FieldValues {
  const all = Object.entries(fields)
  if (all.length === 0) return fields
  return Object.fromEntries(all.map(([name, value]) => [name, headerLine(value)]))
}
