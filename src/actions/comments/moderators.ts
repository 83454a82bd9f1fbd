/** Moderators: addresses in dawnpost.yaml that are notified by mail and decide by its links. */
import { readAddress } from '../../domain/address.ts'
import type { CommentSettings } from '../../domain/comment-rules.ts'

export interface Deps {
  readonly commentSettings: CommentSettings
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
}

export interface Moderator {
  readonly address: string
  /** Keyed hashes of it, that of the current key first. */
  readonly hashes: readonly [Buffer, ...Buffer[]]
}

export const moderatorsOf = ({ commentSettings, addressHashes }: Deps): Moderator[] => {
  const addresses = commentSettings.moderators.flatMap((text) => readAddress(text) ?? [])
  const once = new Map(addresses.map((address) => [address.key, address]))
  return [...once.values()].map(({ spec, key }) => ({ address: spec, hashes: addressHashes(key) }))
}

/**
 * Returns what stands for a moderator in a link: 24 bits of the hash of their address, which is
 * enough to distinguish a few people, and of no use to anybody else. Never 0, which an epoch begins
 * with.
 */
export const moderatorMarkOf = (hash: Buffer) => hash.readUIntBE(0, 3) || 1

/** Returns whose link it is; null once they no longer moderate. */
export const moderatorBy = (mark: number, deps: Deps): Moderator | null =>
  moderatorsOf(deps).find(({ hashes }) => hashes.some((hash) => moderatorMarkOf(hash) === mark)) ??
  null
