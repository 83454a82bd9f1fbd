/**
 * nodemailer's ceiling: its pool with messages built beforehand, nothing else. With a DKIM key,
 * nodemailer signs them.
 *
 * Usage: ceiling.ts <smtp port> <mails> <bytes> [dkim|unsigned] [connections]. Prints the
 * milliseconds from the first mail to the last, and the processor time in milliseconds.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createTransport } from 'nodemailer'

const [port = '', mails = '', bytes = '', signing, connections = '10'] = process.argv.slice(2)
const total = Number(mails)
const head = [
  'From: Dawnpost <morning@dawnpost.example>',
  'To: Reader <reader@example.com>',
  'Subject: A lesson',
  'Message-ID: <0123456789abcdef0123456789abcdef@dawnpost.example>',
  'Date: Tue, 24 Nov 2026 06:00:00 +0000',
  'List-Unsubscribe: <https://courses.example/unsubscribe/1.5wv5.AaIN20y8cIq7rp23W_9Ozw.hvbOTLtZu9zFZ9E4nYefgh>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  '',
  '',
].join('\r\n')
const line = `${'A line of a lesson, as long as quoted-printable lets it be on the wire. '.padEnd(74, 'x')}\r\n`
const raw = Buffer.from(head + line.repeat(Math.ceil((Number(bytes) - head.length) / line.length)))

const transport = createTransport({
  host: '127.0.0.1',
  port: Number(port),
  pool: true,
  maxConnections: Number(connections),
  ignoreTLS: true,
  ...(signing === 'dkim' && {
    dkim: {
      domainName: 'dawnpost.example',
      keySelector: 'test',
      privateKey: generateKeyPairSync('rsa', {
        modulusLength: 2048,
        privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      }).privateKey,
    },
  }),
})

const begun = performance.now()
const before = process.cpuUsage()
let next = 0
const lane = async () => {
  while (next++ < total)
    await transport.sendMail({
      envelope: { from: 'b@dawnpost.example', to: ['reader@example.com'] },
      raw,
    })
}
await Promise.all(Array.from({ length: 2 * Number(connections) }, lane))
const { user, system } = process.cpuUsage(before)
process.stdout.write(`${performance.now() - begun} ${(user + system) / 1_000}\n`)
transport.close()
