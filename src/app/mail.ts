/** From text to transport: the templates, the links in mails, and SMTP or the outbox. */
import { openThrottle } from '../actions/sending/throttle.ts'
import { linksFrom, siteNameOf } from '../domain/site.ts'
import { rawOf } from '../mail/mail.ts'
import { openEditions } from '../mail/render/compile.ts'
import { readLogoHeights } from '../mail/render/logo-heights.ts'
import { loadTemplates } from '../mail/render/templates.ts'
import { openSandbox } from '../mail/smtp/sandbox.ts'
import { openTransport } from '../mail/smtp/transport.ts'
import { layersOf } from '../platform/site-folder.ts'
import { openLinks } from '../security/links.ts'
import * as stores from '../store/index.ts'
import { openCounters } from '../store/postgres/counters.ts'
import type { Infrastructure } from './infrastructure.ts'
import { smtpRoutes } from './signers.ts'

export type MailSetup = Awaited<ReturnType<typeof openMailSetup>>

/**
 * Opens all of it; `opened` closes the transport. Throws a Problem for an unusable key or template.
 */
export async function openMailSetup(infrastructure: Infrastructure, opened: AsyncDisposableStack) {
  const { config, secrets } = infrastructure
  const transport = opened.adopt(await transportFor(infrastructure), (transport) =>
    transport.close(),
  )
  const siteUrl = config.http.publicUrl ?? `http://localhost:${config.http.port}`
  const { theme, language } = config.site.settings
  const letterhead = {
    siteName: siteNameOf(config.site.settings, config.mail.from.name),
    siteUrl,
    postalAddress: config.mail.postalAddress,
    theme: theme && { ...theme, footerLanguage: language },
    logoHeights: await readLogoHeights(layersOf(config.site.folder).assets),
    ...linksFrom(config.site.settings, siteUrl),
  }
  const templates = await loadTemplates(layersOf(config.site.folder).mail, infrastructure.locales)
  const editions = openEditions(templates, letterhead)
  return {
    transport,
    siteUrl,
    letterhead,
    links: openLinks(secrets, siteUrl, infrastructure.now),
    templates,
    editions,
  }
}

/** Opens SMTP, or the outbox that keeps what is sent. */
async function transportFor({ config, db, log, now, database, monitoring }: Infrastructure) {
  const { servers, providerLimits } = config.mail
  if (servers === null)
    return openSandbox((mail) =>
      stores.sandbox.save(db, { ...mail, recipient: mail.envelope.to, raw: rawOf(mail) }, now()),
    )
  const counters = openCounters(database.pool)
  const throttle = openThrottle({ db, now, log, stores, counters, providerLimits })
  const routes = await smtpRoutes(servers, { config, log, observerOf: monitoring.observer })
  return openTransport(routes, throttle, log)
}
