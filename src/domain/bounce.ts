/**
 * Judges what a server said about a mail it did not accept (standards.md C7 to C11): by its
 * enhanced code, by the words that servers use, by its basic code.
 */
import {
  type BounceClassification,
  CLASS_OF,
  type CodeClassification,
  classifyCode,
  classifyStatus,
  defaultClassification,
} from './bounce-codes.ts'
import { normalizeText, phraseMatcher } from './bounce-text.ts'
import * as address from './bounce-words-address.ts'
import * as mailbox from './bounce-words-mailbox.ts'
import * as ways from './bounce-words-message.ts'
import * as ours from './bounce-words-sender.ts'
import type { BounceClass, ReportReason } from './report.ts'

export type { BounceClassification } from './bounce-codes.ts'

/** What a server said. */
export interface Refusal {
  /** Enhanced status code (RFC 3463), such as 5.1.1. */
  readonly status?: string | null | undefined
  /** Basic code (RFC 5321), such as 550. */
  readonly code?: number | null | undefined
  readonly text: string
}

interface PhraseRule extends BounceClassification {
  readonly matches: ReturnType<typeof phraseMatcher>
  /** Weak words do not overrule a clear code. */
  readonly isWeak: boolean
}

const strong = (reason: ReportReason, ...lists: readonly string[]): PhraseRule => ({
  ...defaultClassification(reason),
  matches: phraseMatcher(...lists),
  isWeak: false,
})
const weak = (reason: ReportReason, ...lists: readonly string[]): PhraseRule => ({
  ...strong(reason, ...lists),
  isWeak: true,
})

/**
 * The first match counts: words that speak for the address come before words that speak against it,
 * and clear words before vague ones.
 */
const PHRASE_RULES: readonly PhraseRule[] = [
  strong('relaying_denied', ours.RELAYING_DENIED),
  strong('tls', ours.TLS),
  strong('authentication', ours.AUTHENTICATION),
  strong('suppressed', ways.SUPPRESSED),
  strong('greylisted', ours.GREYLISTED),
  strong('blocked', ours.LISTED),
  strong('spam', ours.SPAM),
  strong('content', ways.DANGEROUS),
  strong('blocked', ours.BLOCKED),
  { ...strong('policy', ours.SENDER_REFUSED), class: 'sender' },
  strong('smtputf8', ways.SMTPUTF8),
  strong('too_big', ways.TOO_BIG),
  strong('mailbox_full', mailbox.MAILBOX_FULL),
  strong('rate_limited', ours.RATE_LIMITED),
  strong('policy', ours.POLICY),
  strong('other', mailbox.UNSURE),
  strong('disabled', mailbox.DISABLED),
  strong('system', ways.TRY_LATER),
  strong('content', ways.ADDRESS_OF_OURS),
  strong('moved', mailbox.MOVED),
  strong('no_such_user', address.NO_SUCH_USER, mailbox.NO_SUCH_USER_ELSEWHERE),
  strong('no_such_domain', mailbox.NO_SUCH_DOMAIN),
  { ...weak('no_such_user', address.PERHAPS_NO_SUCH_USER), class: 'soft' },
  weak('blocked', 'blocked'),
  weak('content', ways.CONTENT),
  weak('expired', ways.EXPIRED),
  weak('dns', ways.DNS),
  weak('network', ways.NETWORK),
  weak('policy', ours.REFUSED),
  weak('system', ways.SYSTEM),
]

/** Words that have a special meaning together with one code of one vendor. */
const WITH_CODE: readonly (BounceClassification & {
  readonly status: string
  readonly words: RegExp
})[] = [
  // Microsoft: the address is in none of its own directories. Not always permanent (C8).
  {
    status: '5.4.1',
    words: /recipient address rejected|access denied/,
    class: 'disabled',
    reason: 'no_such_user',
  },
  // Cisco's gateways, when the directory does not know the address.
  {
    status: '5.1.0',
    words: /^(?:smtp )?address rejected\b/,
    class: 'hard',
    reason: 'no_such_user',
  },
]

/** How strongly a class speaks against the address. */
const GRAVITY: Readonly<Record<BounceClass, number>> = {
  block: 0,
  sender: 0,
  message: 1,
  soft: 2,
  disabled: 3,
  hard: 4,
}

/** Returns the judgment that speaks less against the address; the first if both are equal. */
export const milder = (
  first: BounceClassification,
  other: BounceClassification,
): BounceClassification => (GRAVITY[other.class] < GRAVITY[first.class] ? other : first)

/**
 * Classifies a refusal; if code and words disagree, the milder judgment counts. It is `hard` only
 * if the server plainly says that the address or its domain does not exist and nothing else in the
 * reply contradicts that: cutting off an existing reader is the worse mistake.
 */
export function classify({ status, code, text }: Refusal): BounceClassification {
  const plain = normalizeText(text)
  const [, digit = '', subject = '', detail = ''] =
    /^([245])\.(\d{1,3})\.(\d{1,3})$/.exec(status ?? '') ?? []
  const coded = digit ? classifyStatus(`${subject}.${detail}`) : classifyCode(code ?? null)
  const phrase = PHRASE_RULES.find((rule) => rule.matches(plain)) ?? null
  const match =
    !phrase || phrase.isWeak
      ? WITH_CODE.find((rule) => rule.status === status && rule.words.test(plain.text))
      : null
  const judged = match ?? reconcile(coded, phrase, subject)
  const isTemporary = digit === '4' || (code != null && code >= 400 && code < 500)
  const isMild = isTemporary || subject === '7'
  const { class: of, reason } = judged
  return { class: isMild && GRAVITY[of] > GRAVITY.soft ? 'soft' : of, reason }
}

function reconcile(
  coded: CodeClassification,
  said: PhraseRule | null,
  subject: string,
): BounceClassification {
  if (!said) return coded
  if (coded.isVague) {
    // A policy refusal (5.7) remains one, whatever weak words come with it.
    const isOurs = subject === '7' && said.isWeak
    return isOurs ? { class: CLASS_OF.policy, reason: said.reason } : said
  }
  if (said.isWeak || subject === '7') {
    // The words say that we are refused, not that nobody is there: no proof against the address.
    const isDoubted = coded.class === 'hard' && CLASS_OF[said.reason] === 'block'
    return isDoubted ? { class: 'soft', reason: coded.reason } : coded
  }
  const more = GRAVITY[said.class] - GRAVITY[coded.class]
  // If both are temporary, the code is the clearer one.
  return more < 0 || (more === 0 && coded.class !== 'soft') ? said : coded
}
