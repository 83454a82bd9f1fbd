import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fetchText } from '../../../../src/mail/inbound/providers/amazon.ts'
import {
  openWebhookHandlers,
  type WebhookSettings,
} from '../../../../src/mail/inbound/providers/webhook-handlers.ts'
import {
  bySns,
  CERTIFICATE_URL,
  type Sent,
  SNS_CERTIFICATE,
  TOPIC,
} from '../../../support/webhooks.ts'

const NOW = Temporal.Instant.from('2027-03-19T12:00:00Z')
const NO_DOOR = { postmark: null, mailgun: null, sendgrid: null, brevo: null, resend: null }
const SETTINGS: WebhookSettings = { ...NO_DOOR, ses: [TOPIC], toleranceMs: 300_000 }
const COMPLAINT = {
  notificationType: 'Complaint',
  mail: { messageId: 'a' },
  complaint: { complainedRecipients: [{ emailAddress: 'ada@example.com' }], feedbackId: 'f' },
}

/** The webhook handler for SES, and what it fetches from Amazon. */
function sesDoor(pages: (url: string) => string = () => SNS_CERTIFICATE) {
  const fetched: string[] = []
  const door = openWebhookHandlers(SETTINGS, async (url) => {
    fetched.push(url)
    return pages(url)
  }).get('ses')
  if (!door) throw new Error('there is no door')
  const open = async ({ body }: Sent, now = NOW) => {
    const opened = await door({ header: () => '', body: Buffer.from(body) }, now)
    return typeof opened === 'string' ? opened : (opened.note ?? opened.events.length)
  }
  return { open, fetched }
}

const message = (fields: Record<string, string> = {}, now = NOW) =>
  bySns(COMPLAINT, { now, fields })

describe('a signature by SNS', () => {
  it.each(['1', '2'])('is valid in version %s', async (SignatureVersion) => {
    const { open, fetched } = sesDoor()
    expect(await open(message({ SignatureVersion }))).toBe(1)
    expect(await open(message({ SignatureVersion, Subject: 'Amazon SES Email Event' }))).toBe(1)
    expect(fetched).toEqual([CERTIFICATE_URL])
  })

  it('is invalid in another version, with a changed field, or without a certificate', async () => {
    const { open } = sesDoor()
    expect(await open(message({ SignatureVersion: '3' }))).toBe('unsigned')
    const { body, headers } = message({ SignatureVersion: '1' })
    const changed = (fields: object) => ({
      headers,
      body: JSON.stringify({ ...JSON.parse(body), ...fields }),
    })
    for (const fields of [
      { SignatureVersion: '2' },
      { Message: '{}' },
      { MessageId: 'x' },
      { Subject: 'x' },
      { Timestamp: NOW.add({ seconds: 1 }).toString() },
      { Signature: 'AAAA' },
      { Signature: ['x'] },
      { Type: 'UnsubscribeConfirmation' },
    ])
      expect(await open(changed(fields)), JSON.stringify(fields)).toBe('unsigned')
    const other = sesDoor(() => 'no certificate')
    expect(await other.open(message())).toBe('unsigned')
  })

  it('is invalid outside the validity period of its certificate', async () => {
    for (const instant of ['2026-01-01T00:00:00Z', '2040-01-01T00:00:00Z']) {
      const then = Temporal.Instant.from(instant)
      const { open } = sesDoor()
      expect(await open(message({}, then), then)).toBe('unsigned')
    }
    // A cached certificate expires too.
    const { open } = sesDoor()
    expect(await open(message())).toBe(1)
    const late = Temporal.Instant.from('2040-01-01T00:00:00Z')
    expect(await open(message({}, late), late)).toBe('unsigned')
  })
})

describe('what a message makes us fetch', () => {
  it.each([
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem',
    'https://evil.example/sns.eu-west-1.amazonaws.com/x.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/x.pem',
    'https://user@sns.eu-west-1.amazonaws.com/x.pem',
    'https://sns.eu-west-1.amazonaws.com:8443/x.pem',
    'https://sns.eu-west-1.amazonaws.com/x.pem?x',
    'https://sns.eu-west-1.amazonaws.com/x.pem#.pem',
    'https://sns.eu-west-1.amazonaws.com/folder/x.pem',
    'https://sns.eu-west-1.amazonaws.com/x.txt',
    'https://eu-west-1.amazonaws.com/x.pem',
    'https://s3.eu-west-1.amazonaws.com/bucket.pem',
    'https://127.0.0.1/x.pem',
    'file:///etc/passwd.pem',
    'x.pem',
    '',
    `https://sns.eu-west-1.amazonaws.com/${'x'.repeat(3_000)}.pem`,
  ])('is nothing for the certificate URL %s', async (SigningCertURL) => {
    const { open, fetched } = sesDoor()
    expect(await open(message({ SigningCertURL }))).toBe('unsigned')
    expect(fetched).toEqual([])
  })

  it.each([
    'arn:aws:sns:eu-west-1:999999999999:dawnpost-mail',
    'arn:aws:sns:eu-west-1:123456789012:other',
    'arn:aws:sns:evil.example/:123456789012:dawnpost-mail',
    '',
  ])('is nothing for the topic %s', async (TopicArn) => {
    const { open, fetched } = sesDoor()
    expect(await open(message({ TopicArn }))).toBe('unsigned')
    expect(fetched).toEqual([])
  })

  it('is at most ten certificates a minute', async () => {
    const { open, fetched } = sesDoor(() => 'no certificate')
    const other = (index: number) =>
      message({ SigningCertURL: CERTIFICATE_URL.replace('0123', String(1_000 + index)) })
    for (let index = 0; index < 10; index++) expect(await open(other(index))).toBe('unsigned')
    await expect(open(other(10))).rejects.toThrow('too many certificates')
    expect(fetched).toHaveLength(10)
    const later = NOW.add({ seconds: 61 })
    expect(await open(other(10), later)).toBe('unsigned')
  })

  it('is an error while it cannot be fetched, so that SNS tries again', async () => {
    let isDown = true
    const { open } = sesDoor(() => {
      if (isDown) throw new Error('the network is down')
      return SNS_CERTIFICATE
    })
    await expect(open(message())).rejects.toThrow('the network is down')
    isDown = false
    expect(await open(message())).toBe(1)
  })
})

describe('a subscription', () => {
  const URL_OF = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336`
  const asked = (SubscribeURL = URL_OF, fields: Record<string, string> = {}) =>
    bySns('You have chosen to subscribe to the topic.', {
      now: NOW,
      fields: { Type: 'SubscriptionConfirmation', Token: '2336', SubscribeURL, ...fields },
    })

  it('to one of our topics is confirmed', async () => {
    const { open, fetched } = sesDoor()
    expect(await open(asked())).toBe('confirmed')
    expect(fetched).toEqual([CERTIFICATE_URL, URL_OF])
  })

  it('is confirmed nowhere else, whoever signed it, and for no other topic', async () => {
    for (const url of [
      'https://evil.example/?Action=ConfirmSubscription',
      'http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
      'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription',
      'https://169.254.169.254/latest/meta-data',
      '',
    ]) {
      const { open, fetched } = sesDoor()
      expect(await open(asked(url)), url).toBe('unsigned')
      expect(fetched).toEqual([CERTIFICATE_URL])
    }
    const { open, fetched } = sesDoor()
    const TopicArn = TOPIC.replace('dawnpost', 'other')
    expect(await open(asked(URL_OF, { TopicArn }))).toBe('unsigned')
    const { body, headers } = asked()
    const unsigned = { headers, body: body.replace('"Token":"2336"', '"Token":"2337"') }
    expect(await open(unsigned)).toBe('unsigned')
    expect(fetched).toEqual([CERTIFICATE_URL])
  })

  it('is reported as unsubscribed when it has ended', async () => {
    const { open, fetched } = sesDoor()
    expect(await open(asked(URL_OF, { Type: 'UnsubscribeConfirmation' }))).toBe('unsubscribed')
    expect(fetched).toEqual([CERTIFICATE_URL])
  })
})

describe('a page fetched from Amazon', () => {
  it('is an error when it redirects, is missing or is larger than 64 KiB', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { Location: '/there' })
      else if (request.url === '/missing') response.writeHead(404)
      else if (request.url === '/large') response.write('x'.repeat(70_000))
      else response.write('here')
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const at = (path: string) =>
        fetchText(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
      expect(await at('/there')).toBe('here')
      await expect(at('/moved')).rejects.toThrow()
      await expect(at('/missing')).rejects.toThrow('404')
      await expect(at('/large')).rejects.toThrow('more than 65536 bytes')
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
