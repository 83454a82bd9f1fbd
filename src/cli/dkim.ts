/**
 * The life of keys that sign mail: a new key signs nothing before its record can be looked up, and
 * an old record stays published while mails signed with it are on their way.
 */
import {
  type DkimRecordFault,
  dkimRecordFault,
  dkimRecordName,
  freshSelector,
  isSelector,
  RETIRED_KEY_GRACE_MS,
  readSigningDomain,
  txtStringsOf,
} from '../domain/dkim.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { SANDBOX_SENDER } from '../platform/config-values.ts'
import {
  activateKey,
  type KeptKeys,
  keptDomains,
  keptKeyFile,
  keptKeys,
  keptRecord,
  makeKey,
} from '../platform/dkim-keys.ts'
import { openTxtResolver, type TxtResolver } from '../platform/dns-txt.ts'
import { type Context, example, type Print, type Register } from './command.ts'

export const dkim: Register = (program, context) => {
  const { readConfig, print } = context
  const group = program
    .command('dkim')
    .description('create a key that signs mail, and put it into use')
    .addHelpText('after', example('dawnpost dkim'))
  group
    .command('new', { isDefault: true })
    .description('create a key, or show the one not yet in use, with the DNS record to publish')
    .option(...DOMAIN)
    .option('--selector <name>', 'name of the key in DNS (default: dp and the month)')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost dkim new --domain courses.example.com'))
    .action(async (options) => newKey(await readConfig(), options, print))
  group
    .command('list')
    .description('list the keys, and show which of them signs')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost dkim list'))
    .action(async (options) => listKeys(await readConfig(), options, print))
  group
    .command('check')
    .description('look up the DNS record of a key, and compare it with the key')
    .argument('[selector]', 'selector of the key (default: all keys of the domain)')
    .option(...DOMAIN)
    .option(...RESOLVER)
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost dkim check dp202611'))
    .action(async (selector, options) =>
      check(await readConfig(), { ...options, selector }, context),
    )
  group
    .command('use')
    .description('sign with a key from the next start on; its DNS record must be published')
    .argument('<selector>', 'selector of the key')
    .option(...DOMAIN)
    .option(...RESOLVER)
    .option('--unchecked', 'do not look up its record, if this machine cannot')
    .addHelpText('after', example('dawnpost dkim use dp202611'))
    .action(async (selector, options) =>
      takeIntoUse(await readConfig(), { ...options, selector }, print),
    )
}

const DOMAIN = ['--domain <domain>', 'sending domain (default: that of MAIL_FROM)'] as const
const RESOLVER = [
  '--resolver <address>',
  'DNS server to ask (default: those of this machine)',
] as const

interface Options {
  readonly domain?: string
  readonly selector?: string
  readonly resolver?: string
  readonly unchecked?: true
  readonly json?: true
}

/** A key as it is printed. */
interface KeyRecord {
  readonly domain: string
  readonly selector: string
  readonly file: string
  /** The name of its record. */
  readonly name: string
  readonly value: string
  readonly strings: readonly string[]
}

async function newKey(config: Config, options: Options, print: Print): Promise<void> {
  const domain = domainFrom(config, options)
  const kept = await keptKeys(config.dataDir, domain)
  const selector = selectorFrom(options, kept)
  const made = await makeKey(config.dataDir, domain, selector)
  const record = await recordFor(config, domain, selector)
  const signs = kept.signs === selector
  if (options.json) return print(JSON.stringify({ ...record, made, signs }))
  print(`${made ? 'A new key' : 'The key'} of ${domain}, selector ${selector}: ${record.file}`)
  for (const line of recordLines(record)) print(line)
  if (signs) return print('It signs your mail.')
  print('Nothing is signed with it yet. Once the record is published, run:')
  print(`  dawnpost dkim use ${selector}${options.domain ? ` --domain ${domain}` : ''}`)
}

/**
 * Returns the selector that was given; else that of an unused key, so that asking twice makes only
 * one; else a fresh one.
 */
function selectorFrom({ selector }: Options, kept: KeptKeys): string {
  if (selector !== undefined) {
    if (isSelector(selector)) return selector.toLowerCase()
    throw new Problem('invalid', 'cli.dkim.selector', { params: { text: selector } })
  }
  const waiting = kept.selectors.find(
    (candidate) => candidate !== kept.signs && !kept.retired[candidate],
  )
  return waiting ?? freshSelector(Temporal.Now.plainDateISO('UTC'), kept.selectors)
}

function domainFrom({ mail }: Config, { domain: given }: Options): string {
  if (given === undefined) {
    if (mail.from.address === SANDBOX_SENDER) throw new Problem('invalid', 'cli.dkim.no-domain')
    return mail.from.address.slice(mail.from.address.lastIndexOf('@') + 1)
  }
  const domain = readSigningDomain(given)
  if (domain) return domain
  throw new Problem('invalid', 'cli.dkim.domain', { params: { text: given } })
}

async function recordFor(
  { dataDir }: Config,
  domain: string,
  selector: string,
): Promise<KeyRecord> {
  const file = keptKeyFile(dataDir, domain, selector)
  const value = await keptRecord(file)
  const name = dkimRecordName({ domain, selector })
  return { domain, selector, file, name, value, strings: txtStringsOf(value) }
}

const recordLines = ({ name, value, strings }: KeyRecord): string[] => [
  '',
  'Publish this TXT record in the DNS of the domain:',
  `  Name:   ${name}`,
  `  Value:  ${value}`,
  '',
  'The same for a zone file, in strings of 255 bytes at most:',
  `  ${name}. IN TXT ( ${strings.map((text) => `"${text}"`).join(' ')} )`,
  '',
]

async function listKeys(config: Config, { json }: Options, print: Print): Promise<void> {
  const domains = await keptDomains(config.dataDir)
  const all = await Promise.all(domains.map((domain) => keptKeys(config.dataDir, domain)))
  if (json) return print(JSON.stringify(all))
  if (all.every(({ selectors }) => selectors.length === 0))
    return print('There is no DKIM key. Create one with: dawnpost dkim')
  for (const kept of all) {
    print(kept.domain)
    for (const selector of kept.selectors) print(`  ${selector}  ${stateOf(kept, selector)}`)
  }
}

function stateOf({ signs, since, retired }: KeptKeys, selector: string): string {
  if (selector === signs) return `signs, since ${since ? day(since) : 'an unknown day'}`
  const until = retired[selector]
  if (!until) return 'not in use yet: publish its record, then run `dawnpost dkim use`'
  return `signed until ${day(until)}; keep its record published until ${lastDay(until)}`
}

const day = (at: Temporal.Instant) => at.toString().slice(0, 10)
const lastDay = (retired: Temporal.Instant) =>
  day(retired.add({ milliseconds: RETIRED_KEY_GRACE_MS }))

const FAULT_TEXTS: Readonly<Record<DkimRecordFault, string>> = {
  none: 'there is no DKIM record at this name yet; DNS can take an hour to show a new one',
  several: 'there are several DKIM records at this name; remove all but this key’s',
  'other-key':
    'the record belongs to another key; publish the value that `dawnpost dkim new` shows',
  revoked: 'the record has an empty p=, which means that its key is revoked',
  kind: 'the record is not for rsa-sha256 signatures of mail; publish the value that `dawnpost dkim new` shows',
}

/** Returns what is wrong with a key's record in DNS, in words; null if nothing is. */
async function faultInDns(
  { name, domain, value }: KeyRecord,
  texts: TxtResolver,
): Promise<string | null> {
  try {
    const fault = dkimRecordFault(await texts.lookup(name), value)
    if (fault !== 'none') return fault && FAULT_TEXTS[fault]
    const doubled = `${name}.${domain}`
    if (dkimRecordFault(await texts.lookup(doubled), value) !== null) return FAULT_TEXTS.none
    const short = name.slice(0, -domain.length - 1)
    return `the record is at ${doubled}: your DNS provider adds the domain itself, so enter ${short} as its name`
  } catch (error) {
    return `DNS does not answer: ${messageOf(error)}`
  }
}

function resolverFrom({ resolver }: Options): TxtResolver {
  try {
    return openTxtResolver(resolver)
  } catch {
    throw new Problem('invalid', 'cli.dkim.resolver', { params: { text: resolver ?? '' } })
  }
}

async function check(config: Config, options: Options, { print, fail }: Context): Promise<void> {
  const domain = domainFrom(config, options)
  const texts = resolverFrom(options)
  const { selectors } = await keptKeys(config.dataDir, domain)
  const chosen = selectors.filter((selector) => selector === (options.selector ?? selector))
  if (chosen.length === 0) throw noSuchKey(domain, options)
  const found = await Promise.all(
    chosen.map(async (selector) => {
      const record = await recordFor(config, domain, selector)
      return { ...record, fault: await faultInDns(record, texts) }
    }),
  )
  if (options.json) print(JSON.stringify(found))
  else
    for (const { name, fault } of found)
      print(`${name}: ${fault ?? 'published, and matches the key'}`)
  if (found.some(({ fault }) => fault !== null)) fail()
}

const noSuchKey = (domain: string, { selector }: Options) =>
  selector === undefined
    ? new Problem('not_found', 'cli.dkim.none', { params: { domain } })
    : new Problem('not_found', 'cli.dkim.unknown', { params: { domain, selector } })

async function takeIntoUse(config: Config, options: Options, print: Print): Promise<void> {
  const domain = domainFrom(config, options)
  const texts = resolverFrom(options)
  const { selector = '' } = options
  const kept = await keptKeys(config.dataDir, domain)
  if (!kept.selectors.includes(selector)) throw noSuchKey(domain, options)
  if (kept.signs === selector) return print(`${selector} already signs your mail.`)
  const record = await recordFor(config, domain, selector)
  const fault = options.unchecked ? null : await faultInDns(record, texts)
  if (fault)
    throw new Problem('unavailable', 'cli.dkim.not-published', {
      params: { name: record.name, fault },
    })
  const now = Temporal.Now.instant()
  await activateKey(config.dataDir, { domain, selector }, now)
  print(
    `Mail from ${domain} is signed with ${selector} from the next start on: restart every process.`,
  )
  if (kept.signs === null) return
  const old = dkimRecordName({ domain, selector: kept.signs })
  print(`Keep ${old} published until ${lastDay(now)}: mails signed with it are still on their way.`)
}
