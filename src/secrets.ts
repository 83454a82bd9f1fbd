import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Bytes of a tag: 128 bits (standards.md I1). */
const TAG = 16

/**
 * Keyed hashes under one or more master keys, newest first. The first makes; all verify, so that a key can
 * be replaced while links in mails already sent go on working (standards.md A10).
 */
export interface Secrets {
  /** `key` names the master key to be used again for verifying. */
  sign(purpose: string, data: string): { key: string; tag: Buffer }
  verify(purpose: string, data: string, key: string, tag: Buffer): boolean
  /** What stands for an address once the person is gone: under each key, the present one first. */
  addressHashes(addressKey: string): [Buffer, ...Buffer[]]
  /** A fingerprint of each key, which may be kept in the open. */
  readonly fingerprints: readonly string[]
}

export function openSecrets(masters: readonly string[]): Secrets {
  const [present, ...old] = masters.map((master) => {
    const name = Buffer.from(derive(master, 'name', 3)).toString('base64url')
    const keys = new Map<string, Buffer>()
    const keyFor = (purpose: string) => {
      const key = keys.get(purpose) ?? derive(master, purpose, 32)
      keys.set(purpose, key)
      return key
    }
    const mac = (purpose: string, data: string) => createHmac('sha256', keyFor(purpose)).update(data).digest()
    return { name, mac }
  })
  if (!present) throw new RangeError('secrets need at least one key')
  const all = [present, ...old]
  return {
    sign: (purpose, data) => ({ key: present.name, tag: present.mac(purpose, data).subarray(0, TAG) }),
    verify: (purpose, data, key, tag) =>
      tag.length === TAG &&
      all.some(({ name, mac }) => name === key && timingSafeEqual(mac(purpose, data).subarray(0, TAG), tag)),
    addressHashes: (addressKey) => [
      present.mac('address', addressKey),
      ...old.map(({ mac }) => mac('address', addressKey)),
    ],
    fingerprints: all.map(({ mac }) => mac('fingerprint', 'dawnpost').toString('hex')),
  }
}

/** RFC 5869, SHA-256. */
const derive = (master: string, purpose: string, bytes: number) =>
  Buffer.from(hkdfSync('sha256', master, 'dawnpost', purpose, bytes))
