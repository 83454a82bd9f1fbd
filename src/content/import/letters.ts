/**
 * Finds the mails of a sequence that are not lessons: the welcome, the completion, and the one that
 * asks to confirm an address. Decided by names and content.
 */
import { readableName } from './lines.ts'
import type { ImportedMail } from './mail.ts'

const WELCOME =
  'welcome|willkommen|herzlich willkommen|bienvenue|bienvenid[oa]s?|bem[ -]?vind[oa]s?|benvenut[oaie]|welkom|witam|witamy|witaj(?:cie)?|ようこそ|مرحبا|أهلا'
const COMPLETION =
  'completion|completed?|congratulations?|congrats|graduation|goodbye|farewell|the end|end|finish(?:ed)?|final|abschluss|abschied|ende|fin|felicitations|despedida|conclusao|fim|parabens|conclusione|fine|complimenti|afsluiting|afscheid|gefeliciteerd|zakonczenie|gratulacje|修了|おわりに|الختام|تهانينا'
const CONFIRMATION =
  'confirm|confirmation|confirm (?:your )?(?:subscription|e-?mail|address)|(?:double )?opt[ -]in|verify|verification|bestatigung|bestatigen'
const named = (words: string) =>
  new RegExp(`^(?:the )?(?:${words})(?: (?:e-?mail|letter|message|note))?$`, 'i')
const NAMED = {
  welcome: named(WELCOME),
  completion: named(COMPLETION),
  confirmation: named(CONFIRMATION),
}
const SUBJECT = {
  welcome: new RegExp(`^[^\\p{L}]*(?:${WELCOME})(?!\\p{L})`, 'iu'),
  completion:
    /^[^\p{L}]*(?:congratulations|congrats|that['’]?s it|you(?:['’]ve| have)? (?:did it|made it|finished|completed)|the end|herzlichen gl[uü]ckwunsch|gl[uü]ckwunsch|geschafft|f[eé]licitations|enhorabuena|felicidades|parab[eé]ns|complimenti|congratulazioni|gefeliciteerd|gratulacje|おめでとう|تهانينا)(?!\p{L})/iu,
}
/** A mail that names its day is that day. */
const DAY =
  /\b(?:day|lesson|week|tag|lektion|woche|jour|leçon|d[ií]a|giorno|dag|dzie[nń])[-_. ]*\d/i

export interface SeparatedMails {
  readonly welcome: ImportedMail | null
  readonly completion: ImportedMail | null
  readonly days: readonly ImportedMail[]
  readonly notes: readonly string[]
}

/** Separates the letters from mails in order. */
export function separateLetters(mails: readonly ImportedMail[]): SeparatedMails {
  const confirming = mails.filter(isConfirmation)
  const rest = mails.filter((mail) => !confirming.includes(mail))
  const isNamed = (which: 'welcome' | 'completion') => (mail: ImportedMail) =>
    !mail.number && NAMED[which].test(plainName(mail))
  const welcome = rest.find(isNamed('welcome')) ?? (rest.length > 1 ? welcomeIn(rest) : null)
  const otherMails = rest.filter((mail) => mail !== welcome)
  const completion =
    otherMails.findLast(isNamed('completion')) ??
    (otherMails.length > 1 ? completionIn(otherMails) : null)
  const notesFor = (letter: ImportedMail | null, name: string) =>
    letter && readableName(letter.name).toLowerCase() !== name
      ? [`${letter.name} is now the ${name} email`]
      : []
  return {
    welcome,
    completion,
    days: otherMails.filter((mail) => mail !== completion),
    notes: [
      ...confirming.map(
        ({ name }) => `${name} was left out: Dawnpost sends its own confirmation mail`,
      ),
      ...notesFor(welcome, 'welcome'),
      ...notesFor(completion, 'completion'),
    ],
  }
}

/** The name in lower case, without accents, number and extension. */
const plainName = ({ name }: ImportedMail) =>
  readableName(name).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

const isConfirmation = (mail: ImportedMail) =>
  mail.confirms || (mail.number === null && NAMED.confirmation.test(plainName(mail)))

const isDay = ({ name, subject }: ImportedMail) => DAY.test(name) || DAY.test(subject)

/**
 * Returns the first mail if its subject is a welcome and if it comes before day 1, has such a name,
 * or is followed by day 1.
 */
function welcomeIn(mails: readonly ImportedMail[]): ImportedMail | null {
  const [first, second] = mails
  if (!first || !second || isDay(first) || !SUBJECT.welcome.test(first.subject)) return null
  const isBefore = !first.number || NAMED.welcome.test(plainName(first))
  const isNextFirst = isDay(second) && /(?<!\d)0*1(?!\d)/.test(`${second.subject} ${second.name}`)
  return isBefore || isNextFirst ? first : null
}

function completionIn(mails: readonly ImportedMail[]): ImportedMail | null {
  const last = mails.at(-1)
  if (!last || isDay(last)) return null
  return NAMED.completion.test(plainName(last)) && SUBJECT.completion.test(last.subject)
    ? last
    : null
}
