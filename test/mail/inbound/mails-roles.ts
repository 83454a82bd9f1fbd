/** Replies of people who run their own server, from role addresses such as postmaster. */
import { type Expected, expected } from './expected.ts'
import { MESSAGE_ID, textMail } from './shapes.ts'

const RE = `In-Reply-To: ${MESSAGE_ID}\n`

function answer(role: string, subject: string, text: string, more = ''): Expected {
  const address = `${role}@club.example`
  const envelope = { from: `Ada <${address}>`, subject, more, returnPath: `<${address}>` }
  return expected(`${role}, ${subject}`, 'reply reply', textMail(envelope, text), [address])
}

const ROLES = ['admin', 'administrator', 'delivery', 'mailer', 'root', 'smtp', 'mx', 'mta']

export const roles: readonly Expected[] = [
  ...ROLES.flatMap((role) => [
    answer(role, 'Re: Tag 7', 'Schön! Ich konnte nicht eher schreiben.', RE),
    answer(role, 'A new address', 'My old address does not exist any more, 550 5.1.1 they say.'),
    answer(role, 'Day 7', 'Thank you!'),
  ]),
  answer('postmaster', 'Re: Mail delivery', 'My old mailbox does not exist any more.', RE),
  answer('postmaster', 'AW: Tag 7', 'Vielen Dank!', RE),
]
