import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/platform/config.ts'
import { masked } from '../../src/platform/masked.ts'
import { HOOK_ENV, TOPIC } from '../support/webhooks.ts'
import { faultsOf } from './environment.ts'

describe('webhooks', () => {
  it('are off by default', () => {
    const off = { ses: null, postmark: null, mailgun: null, sendgrid: null, brevo: null }
    expect(readConfig({}).webhooks).toEqual({ ...off, resend: null, toleranceMs: 300_000 })
  })

  it('are on when their credentials are set', () => {
    const two = `${TOPIC}, ${TOPIC}-2`
    const env = { ...HOOK_ENV, SES_TOPIC_ARNS: two, WEBHOOK_TOLERANCE_MINUTES: '600' }
    expect(readConfig(env).webhooks).toEqual({
      ses: [TOPIC, `${TOPIC}-2`],
      postmark: HOOK_ENV.POSTMARK_WEBHOOK_AUTH,
      mailgun: HOOK_ENV.MAILGUN_SIGNING_KEY,
      sendgrid: HOOK_ENV.SENDGRID_WEBHOOK_KEY,
      brevo: HOOK_ENV.BREVO_WEBHOOK_AUTH,
      resend: HOOK_ENV.RESEND_WEBHOOK_SECRET,
      toleranceMs: 36_000_000,
    })
  })

  it.each([
    ['SES_TOPIC_ARNS', 'dawnpost', /is not a topic like arn:aws:sns:/],
    ['SES_TOPIC_ARNS', 'arn:aws:sns:eu-west-1:123:x', /is not a topic like/],
    ['POSTMARK_WEBHOOK_AUTH', 'sesame', /must be a user and a password/],
    ['POSTMARK_WEBHOOK_AUTH', ':3f9a1c77e0b24d5896aa41d2c8e7f013', /must be a user/],
    ['POSTMARK_WEBHOOK_AUTH', 'me:3f9a1c77e0b24d5', /20 random characters or more/],
    ['BREVO_WEBHOOK_AUTH', 'me:passwordpasswordpassword', /20 random characters or more/],
    ['BREVO_WEBHOOK_AUTH', 'me:with a space in it 3f9a1c77', /without spaces/],
    ['MAILGUN_SIGNING_KEY', 'short', /signing key that Mailgun shows/],
    ['SENDGRID_WEBHOOK_KEY', 'SG.abcdefghijklmnop', /verification key that SendGrid shows/],
    ['RESEND_WEBHOOK_SECRET', 're_123456789', /whsec_/],
    ['WEBHOOK_TOLERANCE_MINUTES', '0', /at least 1/],
    ['WEBHOOK_TOLERANCE_MINUTES', '1441', /from 0 to 1440/],
  ])('reject %s=%s', (name, text, fault) => {
    const faults = faultsOf({ [name]: text })
    expect(faults).toEqual([expect.stringMatching(fault)])
    expect(faults[0]).toMatch(`${name}: `)
    if (!/SES|TOLERANCE/.test(name)) expect(faults[0]).not.toContain(text)
  })

  it('have their credentials masked, except a public key and a topic', () => {
    const shown = Object.entries(HOOK_ENV).filter(([name, text]) => masked(name, text) === text)
    expect(shown.map(([name]) => name)).toEqual(['SES_TOPIC_ARNS', 'SENDGRID_WEBHOOK_KEY'])
  })
})

describe('the provider of an SMTP server', () => {
  const providerOf = (SMTP_URL: string) =>
    readConfig({
      SMTP_URL,
      PUBLIC_URL: 'https://courses.example',
      MAIL_FROM: 'morning@courses.example',
      POSTAL_ADDRESS: '1 Test Lane',
    }).mail.servers?.[0]?.provider

  it('is known from its host name or from a setting', () => {
    expect(providerOf('smtp://a:b@smtp.sendgrid.net:587')).toBe('sendgrid')
    expect(providerOf('smtp://a:b@relay.example:587')).toBeNull()
    expect(providerOf('smtp://a:b@relay.example:587?provider=postmark')).toBe('postmark')
  })

  it('must be one that we know', () => {
    expect(faultsOf({ SMTP_URL: 'smtp://127.0.0.1:25?provider=acme' })).toContainEqual(
      expect.stringMatching(/^SMTP_URL: provider must be one of ses, postmark/),
    )
  })
})
