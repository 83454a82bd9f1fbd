/** The keys that sign: links and hashes, and mail. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { keptSecret } from './data-dir.ts'
import { messageOf, Problem } from './domain/problem.ts'
import type { Exit } from './mail/courier.ts'
import { openSigner } from './mail/dkim.ts'
import type { SmtpServer } from './smtp-server.ts'

/** Those configured; else one that is made on the first start and kept, so that links in mails outlive restarts. */
export const masterKeys = async ({ secretKeys, dataDir }: Config) =>
  secretKeys.length > 0
    ? secretKeys
    : [await keptSecret(join(dataDir, 'secret.key'), () => randomBytes(32).toString('base64url'))]

/** Reads the DKIM keys; a server whose key cannot sign stops the start (standards.md, trap 2). */
export const exitsTo = (servers: readonly SmtpServer[]): Promise<Exit[]> =>
  Promise.all(
    servers.map(async (server) => {
      if (!server.dkim) return { server, sign: null }
      try {
        const privateKey = await readFile(server.dkim.keyFile, 'utf8')
        return { server, sign: openSigner({ ...server.dkim, privateKey }) }
      } catch (cause) {
        const file = server.dkim.keyFile
        throw new Problem('unavailable', `The DKIM key ${file} cannot be used: ${messageOf(cause)}.`, {
          cause,
        })
      }
    }),
  )
