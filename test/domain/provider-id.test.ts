import { expect, it } from 'vitest'
import { mailProviderAt, providerIdFrom } from '../../src/domain/provider-id.ts'

it.each([
  ['email-smtp.eu-west-1.amazonaws.com', 'ses'],
  ['EMAIL-SMTP.us-east-1.amazonaws.com', 'ses'],
  ['email-smtp-fips.us-gov-west-1.amazonaws.com', 'ses'],
  ['smtp.postmarkapp.com', 'postmark'],
  ['smtp-broadcasts.postmarkapp.com', 'postmark'],
  ['smtp.mailgun.org', 'mailgun'],
  ['smtp.eu.mailgun.org', 'mailgun'],
  ['smtp.sendgrid.net', 'sendgrid'],
  ['smtp.eu.sendgrid.net', 'sendgrid'],
  ['smtp-relay.brevo.com', 'brevo'],
  ['smtp-relay.sendinblue.com', 'brevo'],
  ['smtp.resend.com', 'resend'],
  ['relay.example.com', null],
  ['smtp.resend.com.example.com', null],
  ['notsmtp.sendgrid.net', null],
  ['127.0.0.1', null],
])('%s is a server of %s', (host, provider) => {
  expect(mailProviderAt(host)).toBe(provider)
})

const SES_ID = '0102018f3b6c1e2a-5d0c1f7e-9c0f-4c1e-8c9e-0a1b2c3d4e5f-000000'
const UUID = '883953f4-6105-42a2-a16a-77a8eac79483'

it.each([
  ['ses', `250 Ok ${SES_ID}`, SES_ID],
  ['ses', '250 Ok', null],
  ['postmark', `250 2.0.0 Ok: queued as ${UUID}`, UUID],
  ['postmark', '250 OK', null],
  ['mailgun', '250 Great success', null],
  ['sendgrid', '250 Ok: queued as SqSdMZIrRSOZ2TLfZ4V2lg', 'SqSdMZIrRSOZ2TLfZ4V2lg'],
  [
    'brevo',
    '250 2.0.0 OK: queued as <202703190800.27287306012@smtp-relay.mailin.fr>',
    '<202703190800.27287306012@smtp-relay.mailin.fr>',
  ],
  ['brevo', '250 2.0.0 OK: queued as 4abc123', '4abc123'],
  ['resend', `250 ${UUID}`, UUID],
  ['resend', '250 Great', null],
  [null, '250 2.0.0 Ok: queued as 4711ABCDEF', null],
] as const)('the id that %s gives in "%s" is %s', (provider, reply, id) => {
  expect(providerIdFrom(reply, provider)).toBe(id)
})
