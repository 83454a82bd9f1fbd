/** The keys that sign links and hashes. */
import { randomBytes } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { loadOrCreateSecret, secretIn } from '../platform/data-dir.ts'

export const keyFile = ({ dataDir }: Pick<Config, 'dataDir'>) => join(dataDir, 'secret.key')

/**
 * Returns the configured keys; else one that is generated on the first start and kept, so that
 * links in mails survive restarts.
 */
export const masterKeys = async (config: Config) =>
  config.secretKeys.length > 0
    ? config.secretKeys
    : [await loadOrCreateSecret(keyFile(config), newKey)]

/**
 * Like masterKeys, but creates nothing: throws a Problem if no key is configured and none was kept.
 */
export async function existingKeys(config: Config) {
  if (config.secretKeys.length > 0) return config.secretKeys
  const file = keyFile(config)
  await access(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') return
    throw new Problem('not_found', 'operator.key.none', {
      params: { folder: config.dataDir },
      cause,
    })
  })
  return [await secretIn(file)]
}

export const newKey = () => randomBytes(32).toString('base64url')
