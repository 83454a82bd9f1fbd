/** The signers of mail, and the servers that it goes through. */
import { readFile, stat } from 'node:fs/promises'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Signer } from '../mail/mail.ts'
import { openSigner } from '../mail/message/dkim.ts'
import { verifySigner } from '../mail/message/dkim-probe.ts'
import { domainOf } from '../mail/message/headers.ts'
import { withProviderFields } from '../mail/message/provider-fields.ts'
import type { Observer, SmtpRoute } from '../mail/smtp/transport.ts'
import type { Config } from '../platform/config.ts'
import type { Sender } from '../platform/config-values.ts'
import { keptKeyFile, keptKeys, recordOf, rsaKeyIn } from '../platform/dkim-keys.ts'
import type { Logger } from '../platform/log.ts'
import type { DkimSettings, SmtpServer } from '../platform/smtp-server.ts'

interface Terms {
  readonly config: Pick<Config, 'dataDir' | 'mail'>
  readonly log: Logger
  readonly observerOf: (server: string) => Observer
}

/**
 * Reads the DKIM keys, and proves each by signing and verifying a mail; a key that cannot sign
 * stops the start (standards.md, trap 2).
 */
export async function smtpRoutes(
  servers: readonly SmtpServer[],
  { config, log, observerOf }: Terms,
): Promise<SmtpRoute[]> {
  const kept = await storedDkimSettings(config)
  const signers = new Map<string, Promise<Signer>>()
  const signerOf = (settings: DkimSettings) => {
    const name = JSON.stringify(settings)
    const signer = signers.get(name) ?? provenSigner(settings, config.mail.from, log)
    signers.set(name, signer)
    return signer
  }
  return Promise.all(
    servers.map(async (server) => {
      const settings = server.dkim === 'off' ? null : (server.dkim ?? kept)
      const signer = settings && (await signerOf(settings))
      const sign = withProviderFields(server.provider, signer)
      return { server, sign, observer: observerOf(server.name) }
    }),
  )
}

/** Returns the kept key in use for the sender's domain; null if there is none. */
export async function storedDkimSettings({
  dataDir,
  mail,
}: Terms['config']): Promise<DkimSettings | null> {
  const domain = domainOf(mail.from)
  const { signs: selector } = await keptKeys(dataDir, domain)
  return selector === null
    ? null
    : { domain, selector, keyFile: keptKeyFile(dataDir, domain, selector) }
}

async function provenSigner(
  { domain, selector, keyFile: file }: DkimSettings,
  from: Sender,
  log: Logger,
): Promise<Signer> {
  try {
    const privateKey = await readFile(file, 'utf8')
    const sign = openSigner({ domain, selector, privateKey })
    await verifySigner(sign, recordOf(rsaKeyIn(privateKey)), from)
    if (await isOpenToAll(file))
      log.warn(
        { file },
        'a DKIM key can be read by every account on this machine: run chmod 600 on it',
      )
    return sign
  } catch (cause) {
    const params = { file, cause: messageOf(cause) }
    throw new Problem('unavailable', 'operator.key.dkim', { params, cause })
  }
}

const isOpenToAll = async (file: string) =>
  process.platform !== 'win32' && ((await stat(file)).mode & 0o004) !== 0
