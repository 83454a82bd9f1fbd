/** The settings for receiving bounces, as read from the environment. */
import { expect, it } from 'vitest'
import { readBounceListen } from '../../src/platform/bounce-listen.ts'
import { readConfig } from '../../src/platform/config.ts'
import { readImapUrl } from '../../src/platform/imap-url.ts'
import { masked } from '../../src/platform/masked.ts'

it.each([
  [
    'imaps://ada:secret@imap.example.com',
    {
      host: 'imap.example.com',
      port: 993,
      secure: true,
      folder: 'INBOX',
      after: { act: 'delete' },
    },
  ],
  [
    'imap://ada%40example.com:p%2Fw%40@127.0.0.1:1143/Bounces/In?read=keep',
    {
      host: '127.0.0.1',
      port: 1143,
      secure: false,
      loopback: true,
      auth: { user: 'ada@example.com', pass: 'p/w@' },
      folder: 'Bounces/In',
      after: { act: 'keep' },
    },
  ],
  [
    'imaps://ada@example.com:pa:s#s?w@imap.exämple.de/R%C3%BCck?read=move:Done/Bounces',
    {
      host: 'imap.xn--exmple-cua.de',
      auth: { user: 'ada@example.com', pass: 'pa:s#s?w' },
      folder: 'Rück',
      after: { act: 'move', folder: 'Done/Bounces' },
    },
  ],
  ['imaps://a:b@[2001:db8::1]/', { host: '2001:db8::1', folder: 'INBOX' }],
])('the mailbox %s is read', (text, expected) => {
  expect(readImapUrl(text)).toMatchObject(expected)
  expect(readImapUrl(text).name).not.toContain('ada')
})

it.each([
  ['https://imap.example.com', /must be an address like imaps/],
  ['imaps://imap.example.com', /the user or the password is missing/],
  ['imaps://ada@imap.example.com', /the user or the password is missing/],
  ['imaps://ada:secret@', /must be an address/],
  ['imaps://ada:secret@host:99999', /a port is a number/],
  ['imaps://ada:secret@host/INBOX?read=burn', /delete, keep, or move:Folder/],
  ['imaps://ada:secret@host/INBOX?than=keep', /than is not a setting/],
])('a fault in the mailbox %s is reported without its password', (text, words) => {
  expect(() => readImapUrl(text)).toThrow(words)
  expect(() => readImapUrl(text)).not.toThrow(/secret/)
})

it('the password of the mailbox is masked', () => {
  expect(masked('BOUNCE_IMAP_URL', 'imaps://ada:secret@host/INBOX')).toBe(
    'imaps://ada:********@host/INBOX',
  )
})

it.each([
  ['25', 'smtp', { host: null, port: 25 }],
  ['127.0.0.1:2525', 'smtp', { host: '127.0.0.1', port: 2525 }],
  ['smtp://[::1]:2525', 'smtp', { host: '::1', port: 2525 }],
  ['lmtp://localhost:24', 'lmtp', { host: 'localhost', port: 24 }],
  ['lmtp:/run/dawnpost/b.sock', 'lmtp', { path: '/run/dawnpost/b.sock' }],
])('the listen address %s is accepted', (text, protocol, at) => {
  expect(readBounceListen(text)).toEqual({ name: text, protocol, at })
})

it.each(['', 'x', '0', '70000', 'host', 'lmtp:b.sock', 'smtps://host:465', 'lmtp:'])(
  'the listen address "%s" is refused',
  (text) => {
    expect(() => readBounceListen(text)).toThrow(/port or host:port/)
  },
)

it('the listener needs its domain, and a certificate and its key only together', () => {
  expect(() => readConfig({ BOUNCE_LISTEN: '2525' })).toThrow(/BOUNCE_DOMAIN: missing/)
  const env = { BOUNCE_LISTEN: '2525', BOUNCE_DOMAIN: 'bounces.example.com' }
  expect(() => readConfig({ ...env, BOUNCE_TLS_CERT: 'a.pem' })).toThrow(/BOUNCE_TLS_KEY: missing/)
  expect(() => readConfig({ ...env, BOUNCE_TLS_KEY: 'a.pem' })).toThrow(/BOUNCE_TLS_CERT: missing/)
  expect(readConfig(env).bounces).toMatchObject({ imap: null, tls: null })
})
