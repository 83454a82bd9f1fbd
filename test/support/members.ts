/** Signing in. */
import { openSecrets } from '../../src/security/secrets.ts'
import { openTokens } from '../../src/security/tokens.ts'
import type { TestApp } from './app.ts'

/** Requests a link with a confirmed address, and signs in with it. */
export async function signedIn(test: TestApp, email = 'ada@example.com') {
  const token = await mailedToken(test, email)
  const { session } = await test.app.member.signIn(token)
  return { token, session }
}

/** Requests a link, and returns the token in the mail. */
export async function mailedToken(test: TestApp, email: string): Promise<string> {
  const address = { spec: email, key: email.toLowerCase() }
  await test.app.member.requestSignIn(address, { leadsTo: '/member' })
  return newestToken(test, email)
}

/** The token of the newest link that was requested. */
export async function newestToken({ app, db }: TestApp, email: string): Promise<string> {
  await app.sender.processRequests()
  const { id } = await db
    .selectFrom('sign_ins as i')
    .innerJoin('subscribers as s', 's.id', 'i.subscriber_id')
    .select('i.id')
    .where('s.address_key', '=', email.toLowerCase())
    .orderBy('i.id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const [token] = openTokens(openSecrets(app.config.secretKeys)).ofMail(id)
  return token
}
