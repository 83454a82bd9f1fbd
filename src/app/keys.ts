/** The keys that sign: links and hashes, and mail. */
import { randomBytes } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, Problem } from '../domain/problem.ts'
import { openSigner } from '../mail/message/dkim.ts'
import { withProviderFields } from '../mail/message/provider-fields.ts'
import type { Observer, SmtpRoute } from '../mail/smtp/transport.ts'
import type { Config } from '../platform/config.ts'
import { keptSecret, secretIn } from '../platform/data-dir.ts'
import type { SmtpServer } from '../platform/smtp-server.ts'

export const keyFile = ({ dataDir }: Pick<Config, 'dataDir'>) => join(dataDir, 'secret.key')

/**
 * Those configured; else one that is made on the first start and kept, so that links in mails
 * outlive restarts.
 */
export const masterKeys = async (config: Config) =>
  config.secretKeys.length > 0 ? config.secretKeys : [await keptSecret(keyFile(config), newKey)]

/** The same, for what makes nothing: throws a Problem when none is configured and none was kept. */
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

/** Reads the DKIM keys; a server whose key cannot sign stops the start (standards.md, trap 2). */
export const smtpRoutes = (
  servers: readonly SmtpServer[],
  observerOf: (server: string) => Observer,
): Promise<SmtpRoute[]> =>
  Promise.all(
    servers.map(async (server) => {
      const observer = observerOf(server.name)
      const { provider } = server
      if (!server.dkim) return { server, sign: withProviderFields(provider, null), observer }
      try {
        const privateKey = await readFile(server.dkim.keyFile, 'utf8')
        const signer = openSigner({ ...server.dkim, privateKey })
        return { server, observer, sign: withProviderFields(provider, signer) }
      } catch (cause) {
        const file = server.dkim.keyFile
        throw new Problem('unavailable', 'operator.key.dkim', {
          params: { file, cause: messageOf(cause) },
          cause,
        })
      }
    }),
  )
