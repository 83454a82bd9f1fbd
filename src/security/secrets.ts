import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** Bytes of a tag: 128 bits (standards.md I1). */
const TAG = 16
/** Bytes of a nonce (NIST SP 800-38D, 5.2.1.1). */
const NONCE = 12
const CIPHER = 'aes-256-gcm'

/**
 * Keyed hashes and encryption under one or more master keys, newest first. The first signs and
 * seals; all of them verify and unseal, so that a key can be replaced while links in mails already
 * sent keep working (standards.md A10).
 */
export interface Secrets {
  /** `key` names the master key, and has to be passed to `verify`. */
  sign(purpose: string, data: string): { key: string; tag: Buffer }
  verify(purpose: string, data: string, key: string, tag: Buffer): boolean
  /**
   * Encrypts `data` and binds it to its purpose (AES-256-GCM, NIST SP 800-38D). The result has only
   * letters, digits, `-`, `_` and `.`.
   */
  seal(purpose: string, data: string): string
  /** Returns what was sealed for this purpose; null if it is not ours, or was changed. */
  unseal(purpose: string, sealed: string): string | null
  /** Returns a keyed hash of 256 bits under each key, the current one first. */
  macs(purpose: string, data: string): [Buffer, ...Buffer[]]
  /**
   * Returns what replaces an address once the person is gone, under each key, the current one
   * first.
   */
  addressHashes(addressKey: string): [Buffer, ...Buffer[]]
  /** A fingerprint of each key, which need not be kept secret. */
  readonly fingerprints: readonly string[]
}

export function openSecrets(masters: readonly string[]): Secrets {
  const [present, ...old] = masters.map((master) => {
    const name = Buffer.from(derive(master, 'name', 3)).toString('base64url')
    const keys = new Map<string, KeyObject>()
    const keyFor = (purpose: string) => {
      const key = keys.get(purpose) ?? createSecretKey(derive(master, purpose, 32))
      keys.set(purpose, key)
      return key
    }
    // A string costs half of what a buffer allocated by OpenSSL costs, and each mail has several.
    const mac = (purpose: string, data: string) =>
      Buffer.from(createHmac('sha256', keyFor(purpose)).update(data).digest('latin1'), 'latin1')
    return { name, mac, seal: () => keyFor('seal') }
  })
  if (!present) throw new RangeError('secrets need at least one key')
  const allKeys = [present, ...old]
  const macs: Secrets['macs'] = (purpose, data) => [
    present.mac(purpose, data),
    ...old.map(({ mac }) => mac(purpose, data)),
  ]
  return {
    macs,
    sign: (purpose, data) => ({
      key: present.name,
      tag: present.mac(purpose, data).subarray(0, TAG),
    }),
    verify: (purpose, data, key, tag) =>
      tag.length === TAG &&
      allKeys.some(
        ({ name, mac }) =>
          name === key && timingSafeEqual(mac(purpose, data).subarray(0, TAG), tag),
      ),
    seal: (purpose, data) => `${present.name}.${encrypt(present.seal(), purpose, data)}`,
    unseal: (purpose, sealed) => {
      const [name, text = ''] = sealed.split('.', 2)
      const key = allKeys.find((candidate) => candidate.name === name)?.seal()
      return key ? decrypt(key, purpose, Buffer.from(text, 'base64url')) : null
    },
    addressHashes: (addressKey) => macs('address', addressKey),
    fingerprints: allKeys.map(({ mac }) => mac('fingerprint', 'dawnpost').toString('hex')),
  }
}

/** Returns nonce, tag and ciphertext. The nonce is random: one key is good for 2^32 of them. */
function encrypt(key: KeyObject, purpose: string, data: string): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(
    Buffer.from(purpose),
  )
  const text = Buffer.concat([cipher.update(data, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
}

function decrypt(key: KeyObject, purpose: string, sealed: Buffer): string | null {
  if (sealed.length < NONCE + TAG) return null
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(NONCE, NONCE + TAG))
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(NONCE + TAG)),
      decipher.final(),
    ]).toString('utf8')
  } catch {
    return null // the tag does not match
  }
}

/** HKDF with SHA-256 (RFC 5869). */
const derive = (master: string, purpose: string, bytes: number) =>
  Buffer.from(hkdfSync('sha256', master, 'dawnpost', purpose, bytes))
