import { expect, it } from 'vitest'
import { dkimUnused, judgeDkim } from '../../../src/domain/doctor/dkim-record.ts'

const KEY = { domain: 'example.org', selector: 's1', publicKey: 'MIIB+key/of==' }

it.each([
  [['v=DKIM1; k=rsa; p=MIIB+key/of=='], 'ok', 'dns.dkim.ok'],
  [['p=MIIB+key/of=='], 'ok', 'dns.dkim.ok'],
  [['v=DKIM1; h=sha1:sha256; s=email; p=MIIB+key\n /of==;'], 'ok', 'dns.dkim.ok'],
  [[], 'error', 'dns.dkim.missing'],
  [['v=DKIM1; p=MIIB+key/of==', 'v=DKIM1; p=x'], 'error', 'dns.dkim.several'],
  [['v=spf1 ~all'], 'error', 'dns.dkim.syntax'],
  [['v=DKIM2; p=MIIB+key/of=='], 'error', 'dns.dkim.syntax'],
  [['k=rsa'], 'error', 'dns.dkim.syntax'],
  [['v=DKIM1; p=a; p=b'], 'error', 'dns.dkim.syntax'],
  [['v=DKIM1; p='], 'error', 'dns.dkim.revoked'],
  [['v=DKIM1; k=ed25519; p=MIIB+key/of=='], 'error', 'dns.dkim.key-type'],
  [['v=DKIM1; k=rsa; p=MIIB'], 'error', 'dns.dkim.other-key'],
  [['v=DKIM1; h=sha1; p=MIIB+key/of=='], 'error', 'dns.dkim.hash'],
  [['v=DKIM1; s=other; p=MIIB+key/of=='], 'error', 'dns.dkim.service'],
  [['v=DKIM1; t=s:y; p=MIIB+key/of=='], 'warning', 'dns.dkim.testing'],
])('%j: %s %s', (texts, severity, id) => {
  const [first, ...more] = judgeDkim(texts, KEY)
  expect(first).toMatchObject({ severity, id })
  expect(more).toEqual([])
  if (severity !== 'ok')
    expect(first?.records).toEqual([
      {
        name: 's1._domainkey.example.org.',
        type: 'TXT',
        value: 'v=DKIM1; k=rsa; p=MIIB+key/of==',
        fillIn: null,
        replaces: texts,
      },
    ])
})

it('a key for a domain that mail is not from is reported', () => {
  expect(dkimUnused(KEY, 'example.org')).toEqual([])
  expect(dkimUnused(KEY, 'mail.example.org')).toEqual([])
  expect(dkimUnused(KEY, 'other.example')).toMatchObject([{ id: 'dns.dkim.other-domain' }])
})
