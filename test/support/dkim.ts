/** Keys for tests, and how third-party programs verify signatures. */
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { authenticate } from 'mailauth'

export function rsaKey(modulusLength = 2048) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  })
  return { privateKey, record: `v=DKIM1; k=rsa; p=${publicKey.toString('base64')}` }
}

/** The record of a key, and its name. */
export interface Published {
  readonly name: string
  readonly record: string
}

/** The result of mailauth for each signature. */
export async function mailauthOn(raw: Buffer, { name, record }: Published): Promise<string[]> {
  const resolver = async (asked: string) => {
    if (asked === name) return [[record]]
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  }
  const options = { ip: '127.0.0.1', helo: 'here', sender: 'b@courses.example', resolver }
  const { dkim } = await authenticate(raw, options)
  return dkim.results.map(({ status }) => status.result)
}

/** Debian's Python, which has the package python3-dkim. */
const PYTHON = '/usr/bin/python3'
const DKIMPY = `
import sys, json, base64, dkim
asking = json.load(sys.stdin)
name, record = asking['name'].encode(), asking['record'].encode()
def dns(asked, timeout=5):
    return record if asked.rstrip(b'.') == name else None
for raw in asking['mails']:
    print('pass' if dkim.verify(base64.b64decode(raw), dnsfunc=dns) else 'fail')
`

export const hasDkimpy = spawnSync(PYTHON, ['-c', 'import dkim']).status === 0

/**
 * The result of dkimpy for the topmost signature of each mail: all in one run, since it is slow to
 * start.
 */
export function dkimpyOn(mails: readonly Buffer[], { name, record }: Published): string[] {
  const input = JSON.stringify({ name, record, mails: mails.map((raw) => raw.toString('base64')) })
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', DKIMPY], { input })
  return [...stdout.toString().split('\n'), ...stderr.toString().split('\n')].filter(Boolean)
}
