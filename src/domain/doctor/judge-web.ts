/** Judges whether readers, and their mailbox providers, can reach our pages. */
import { type Certificate, judgeCertificate } from './certificate.ts'
import { type DnsRecord, type DoctorFinding, error, info, ok, warning } from './finding.ts'

export interface WebResponse {
  readonly status: number
  /** Where it redirects to; null if it does not. */
  readonly location: string | null
  readonly text: string
}

/** Outcome of a page request. */
export type FetchOutcome = WebResponse | { readonly failed: string; readonly isTls: boolean }

export interface WebVisit {
  readonly url: string
  readonly host: string
  readonly addresses: readonly string[]
  readonly certificate: Certificate | null
  readonly health: FetchOutcome
  /** Answers to GET and HEAD of the unsubscribe page that mails link to. */
  readonly leaving: readonly {
    readonly path: string
    readonly method: string
    readonly answer: FetchOutcome
  }[]
}

const WHY_UNSUBSCRIBE =
  'Mailbox providers send their unsubscribe button there and follow no redirect (RFC 8058). A button that does not work counts against you.'

export const judgeNoAddress = (host: string, records: readonly DnsRecord[]): DoctorFinding =>
  error('web.name.missing', `${host}, the host of PUBLIC_URL, has no address in DNS.`, {
    subject: host,
    why: 'Nobody can follow the links in your mails, or unsubscribe.',
    fix: 'Publish this record.',
    records,
  })

export function judgeVisit(visit: WebVisit, now: Temporal.Instant): DoctorFinding[] {
  const { url, host, certificate, health } = visit
  const ends = certificate
    ? [judgeCertificate(certificate, { group: 'web', where: host, now })]
    : []
  if ('failed' in health)
    return [
      ...ends.filter(({ severity }) => severity !== 'ok'),
      health.isTls
        ? error('web.tls.failed', `${host}: ${health.failed}.`, {
            subject: host,
            why: 'Browsers warn about the page, and mailbox providers do not open it.',
            fix: 'Get a certificate for that name, with your web server or with `certbot`.',
          })
        : error('web.unreachable', `${url} cannot be reached: ${health.failed}.`, {
            subject: host,
            why: 'Nobody can follow the links in your mails, or unsubscribe.',
            fix: 'Check that the web server forwards requests to Dawnpost, and that the firewall allows them: docs/deploy.md.',
          }),
    ]
  const answers = health.status === 200 && health.text.trim() === 'ok'
  return [
    ...ends,
    answers
      ? ok('web.ok', `${url} answers.`, { subject: host })
      : error(
          'web.other',
          `${url}/healthz is not answered by Dawnpost (status ${health.status}).`,
          {
            subject: host,
            why: 'The links in your mails lead to another program.',
            fix: health.location
              ? `It redirects to ${health.location}. Set PUBLIC_URL to the address that answers without a redirect.`
              : 'Check what your web server forwards, and whether PUBLIC_URL is the right address.',
            settings: ['PUBLIC_URL'],
          },
        ),
    ...(answers ? judgeUnsubscribePage(visit) : []),
  ]
}

function judgeUnsubscribePage({ host, leaving }: WebVisit): DoctorFinding[] {
  for (const { path, method, answer } of leaving) {
    const asked = `${method} ${path}`
    if ('failed' in answer)
      return [
        warning('web.unsubscribe.unanswered', `${asked} was not answered: ${answer.failed}.`, {
          subject: host,
          why: WHY_UNSUBSCRIBE,
          fix: 'Check the proxy or filter in front of Dawnpost.',
        }),
      ]
    if (answer.location !== null || (answer.status >= 300 && answer.status < 400))
      return [
        error('web.unsubscribe.redirect', `${asked} is redirected to ${answer.location ?? '?'}.`, {
          subject: host,
          why: WHY_UNSUBSCRIBE,
          fix: 'Remove the redirect from your web server, or set PUBLIC_URL to the address that it leads to.',
        }),
      ]
    if (answer.status === 403 || answer.status === 429 || answer.status >= 500)
      return [
        warning('web.unsubscribe.barred', `${asked} is answered with ${answer.status}.`, {
          subject: host,
          why: WHY_UNSUBSCRIBE,
          fix: 'Remove any challenge page or filter in front of /unsubscribe/.',
        }),
      ]
  }
  const [first] = leaving
  return first
    ? [
        ok('web.unsubscribe.ok', 'The unsubscribe page answers without a redirect.', {
          subject: first.path,
        }),
      ]
    : []
}

export const judgeLocalUrl = (url: string | null): DoctorFinding =>
  info(
    'web.local',
    url === null ? 'PUBLIC_URL is not set.' : `${url} is on this machine: nobody else can open it.`,
    {
      why: 'The links in mails lead there.',
      fix: 'Set PUBLIC_URL to an https:// address before mail goes to real people.',
      settings: ['PUBLIC_URL'],
    },
  )
