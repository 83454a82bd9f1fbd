/** Parsers for the credentials of providers' webhooks. Error messages never repeat a secret. */

import { isWeak } from '../security/weak-key.ts'
import { sendgridKey, snsHost, svixSecret } from '../security/webhook-signatures.ts'
import { refuse } from './variables.ts'

/** `arn:aws:sns:eu-west-1:123456789012:dawnpost` */
export const readTopic = (text: string) =>
  snsHost(text)
    ? text
    : refuse(`"${text}" is not a topic like arn:aws:sns:eu-west-1:123456789012:dawnpost`)

const MIN_PASSWORD_LENGTH = 20

/** Reads `user:password` for HTTP basic authentication; whoever presents it is trusted. */
export function readCredential(text: string): string {
  const [, password = ''] = /^[\x21-\x39\x3b-\x7e]{1,100}:([\x21-\x7e]{1,400})$/.exec(text) ?? []
  if (password === '') refuse('must be a user and a password: user:password, without spaces')
  if (password.length < MIN_PASSWORD_LENGTH || isWeak(password))
    refuse(
      `use a password of ${MIN_PASSWORD_LENGTH} random characters or more (openssl rand -hex 16)`,
    )
  return text
}

export const readSigningKey = (text: string) =>
  /^[\x21-\x7e]{20,200}$/.test(text)
    ? text
    : refuse('must be the HTTP webhook signing key that Mailgun shows, of 20 characters or more')

export const readSendgridKey = (text: string) =>
  sendgridKey(text) ? text : refuse('must be the verification key that SendGrid shows (Base64)')

export const readSvixSecret = (text: string) =>
  svixSecret(text) ? text : refuse('must be the signing secret that Resend shows: whsec_…')
