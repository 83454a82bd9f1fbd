/** Connects the ways of receiving returned mail to what is made of it. */
import { hostname } from 'node:os'
import { followListener } from '../actions/receiving/follow-listener.ts'
import { followMailbox } from '../actions/receiving/follow-mailbox.ts'
import { type IncomingMail, receive } from '../actions/receiving/receive.ts'
import { purgeForwards, sendForwards } from '../actions/receiving/send-forwards.ts'
import { whileLeased } from '../actions/receiving/while-leased.ts'
import { MINUTE } from '../domain/time.ts'
import { DEFAULT_MAX_BYTES } from '../mail/inbound/bounds.ts'
import type { composeForward } from '../mail/message/forward.ts'
import type { BounceListener, ReceivedMail } from '../mail/receive/listener.ts'
import { openIntervalLimiter } from '../platform/interval-limiter.ts'
import { openBounces } from './bounces.ts'
import type { Deps } from './deps.ts'
import type { Infrastructure } from './infrastructure.ts'

export interface Receiving {
  /** Stops receiving, after processing mail in hand. */
  close(): Promise<void>
}

/**
 * Role addresses that a domain must answer (RFC 5321, 4.5.1; RFC 2142), and those to which
 * receivers may send daily reports and complaints.
 */
const ROLES = new Set(['postmaster', 'abuse', 'reports'])
/** Milliseconds between log entries about the same obstacle to taking mail. */
const LOG_INTERVAL_MS = 10 * MINUTE

/** Opens what receives returned mail and what processes it. */
export function openReturnedMail(
  deps: Deps,
  infrastructure: Infrastructure,
  { isOutdated }: { readonly isOutdated: () => Promise<boolean> },
) {
  const bounces = openBounces(deps)
  return { bounces, receiving: openReceiving(deps, infrastructure, { bounces, isOutdated }) }
}

interface ReceivingParts {
  readonly bounces: OpenBounces
  readonly isOutdated: () => Promise<boolean>
}

/** Opens the receipt of returned mail, and the forwarding of people's answers. */
function openReceiving(
  given: Deps,
  infrastructure: Infrastructure,
  { bounces, isOutdated }: ReceivingParts,
) {
  const deps = depsFor(given, infrastructure, bounces)
  const terms = { ...deps, lease: infrastructure.lease, isOutdated }
  const sourcesFor = (begun: (listening: BounceListener) => void) => [
    ...fromMailbox(infrastructure.config.bounces.imap, deps),
    ...fromListener(infrastructure.config.bounces, {
      ...deps,
      bounceDomain: bounces.domain,
      begun,
    }),
  ]
  return {
    receive: deps.receive,
    /** Forwards people's answers. */
    forward: async () => {
      await infrastructure.clock?.refresh()
      await sendForwards(deps)
    },
    purge: () => purgeForwards(given.now(), deps),
    /** Receives in every configured way, each while no other worker does. */
    start: (begun: (listening: BounceListener) => void = () => {}): Receiving => {
      const stop = new AbortController()
      const { signal } = stop
      const running = sourcesFor(begun).map(({ name, follow }) =>
        whileLeased(name, follow, { ...terms, signal }),
      )
      return {
        close: async () => {
          stop.abort()
          await Promise.all(running)
        },
      }
    },
  }
}

function depsFor(given: Deps, { config }: Infrastructure, bounces: OpenBounces) {
  const { from } = config.mail
  const locale = given.locales.of(config.site.settings.language)
  const site = given.letterhead.siteName
  const via = (person: string) => locale.t('mail.forward.via', { person, site })
  const deps = {
    ...given,
    take: bounces.take,
    isReturnPath: bounces.isReturnPath,
    takeReceiverFiles: bounces.takeReceiverFiles,
    answersTo: from.replyTo ?? from.address,
    // Loaded with the first returned mail: most workers never see one.
    readReports: async (raw: Uint8Array) =>
      (await import('../mail/inbound/read-reports.ts')).readReports(raw),
    mayForward: async (raw: Buffer, to: string) => (await forwards()).mayForward(raw, to),
    composeForward: async (raw: Buffer, terms: { to: string; stamp: Stamp }) =>
      (await forwards()).composeForward(raw, { ...terms, via, bounceDomain: bounces.domain }, from),
    receive: (arrived: IncomingMail) => receive(arrived, deps),
    proveDatabase: () => given.stores.processes.checkWritable(given.db),
  }
  return deps
}

const forwards = () => import('../mail/message/forward.ts')

type Stamp = Parameters<typeof composeForward>[1]['stamp']
type OpenBounces = ReturnType<typeof openBounces>
type BounceSettings = Infrastructure['config']['bounces']

interface MailSource {
  readonly name: string
  readonly follow: (signal: AbortSignal) => Promise<void>
}

type SourceDeps = Pick<Deps, 'db' | 'stores' | 'log'> & {
  readonly receive: (arrived: IncomingMail) => ReturnType<typeof receive>
  readonly proveDatabase: () => Promise<unknown>
}

const fromMailbox = (imap: BounceSettings['imap'], deps: SourceDeps): MailSource[] =>
  imap === null
    ? []
    : [
        {
          name: 'mailbox',
          follow: (signal) =>
            followMailbox(signal, {
              ...deps,
              name: imap.name,
              // Loaded only if configured: it takes some 10 MB.
              openMailbox: async () => {
                const { openMailbox } = await import('../mail/receive/mailbox.ts')
                return openMailbox(imap, { most: DEFAULT_MAX_BYTES })
              },
            }),
        },
      ]

/** One listener per machine, since a port allows only one. */
function fromListener(
  { listen: where, tls }: BounceSettings,
  deps: SourceDeps &
    Pick<OpenBounces, 'isReturnPath'> & { bounceDomain: string | null } & {
      begun: (listening: BounceListener) => void
    },
): MailSource[] {
  const { bounceDomain: domain } = deps
  if (where === null || domain === null) return []
  const mayTell = openIntervalLimiter(LOG_INTERVAL_MS)
  const terms = {
    domain,
    name: domain,
    isOurs: (localPart: string) =>
      ROLES.has(localPart.toLowerCase()) || deps.isReturnPath(localPart),
    most: DEFAULT_MAX_BYTES,
    tls,
    take: async ({ raw, from, localPart }: ReceivedMail) => {
      await deps.receive({ raw, source: 'listener', localPart, isNullSender: from === null })
    },
    putOff: (err: unknown) => {
      const alsoSince = mayTell((err as Error).message)
      if (alsoSince !== null) deps.log.warn({ err, alsoSince }, 'mail that came back was deferred')
    },
  }
  const follow = (signal: AbortSignal) =>
    followListener(signal, {
      ...deps,
      name: where.name,
      listen: async () => {
        const { listen } = await import('../mail/receive/listener.ts')
        return listen(where, terms)
      },
    })
  return [{ name: `listener at ${where.name} of ${hostname()}`, follow }]
}
