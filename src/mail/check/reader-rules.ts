/**
 * Rules about what a reader's data does to a mail, and what the mail does to them (standards.md
 * F16).
 */
import Handlebars from 'handlebars/dist/handlebars.min.js'
import type { Rule, Spot } from '../../domain/finding.ts'
import { ownWords } from '../render/compile.ts'
import { literalBraces } from '../render/templates.ts'
import { at } from './client-rules.ts'
import type { Rendering, Sent } from './rendering.ts'

const all = ({
  sample,
  nameless,
  hostile,
}: Rendering): readonly (Sent & { readonly what?: string })[] => [sample, nameless, ...hostile]

/** {{ in an inbox tells a person that they are a record. A name that holds braces may show them. */
function* leftSlot(mail: Rendering): Generator<Spot> {
  const { subject, html, text } = mail.source
  const meant = [subject, html, text].reduce((sum, part) => sum + literalBraces(part), 0)
  for (const { subject, html, text } of [mail.sample, mail.nameless]) {
    const all = [subject, html, text].join('\n')
    const [found] = /\{\{.{0,40}/.exec(all) ?? []
    if (found && all.split('{{').length - 1 > meant) {
      yield at(
        mail,
        `shows ${found}, a slot that was not filled; fix it in the text or in templates/mail`,
      )
      return
    }
  }
}

/**
 * A value that was not there, in the words of the machine; unless the author writes of just that.
 */
function* shownUndefined(mail: Rendering): Generator<Spot> {
  for (const { subject, html, text, reader } of [mail.sample, mail.nameless]) {
    const [found] =
      /\bundefined\b|\[object [A-Z]\w*|\bNaN\b/.exec([subject, html, text].join('\n')) ?? []
    if (!found || ownWords(mail.content).includes(found)) continue
    const whom = reader.firstName ? 'to every reader' : 'to readers without a name'
    yield at(
      mail,
      `shows "${found}" ${whom}: a value that is missing or is not text; fix templates/mail`,
    )
    return
  }
}

/**
 * A stranger can enroll anybody under any name: a name that brings in markup writes a mail of its
 * own.
 */
function* nameAsMarkup(mail: Rendering): Generator<Spot> {
  const { page } = mail
  for (const { what, html } of mail.hostile) {
    if (!/<b data-leak|" data-leak=|<b>Hello/.test(html) || page('[data-leak]').length > 0) continue
    yield at(
      mail,
      `lets a name ${what} into the page as it is; write {{firstName}}, never {{{firstName}}}`,
    )
  }
}

/**
 * Counted, not searched for: a name, which answers own fields as well, arrives as often as ordinary
 * ones do, escaped in the page and as it is in text. Fewer means that it was read as something
 * else, or that it was cut.
 */
function* changedName(mail: Rendering): Generator<Spot> {
  const { firstName, fields } = mail.sample.reader
  const expected = sums(
    [firstName, ...Object.values(fields)].map((value) => countsOf(mail.sample, value)),
  )
  for (const sent of mail.hostile) {
    const found = countsOf(sent, shownName(sent.reader.firstName))
    if (found.every((count, index) => count === expected[index])) continue
    yield at(mail, `a name ${sent.what} does not arrive as entered; fix templates/mail or src/mail`)
  }
}

const sums = (rows: readonly (readonly number[])[]) =>
  rows.reduce((sum, row) => sum.map((count, index) => count + (row[index] ?? 0)), [0, 0, 0])

const countsOf = ({ subject, html, text }: Sent, name: string) => [
  count(subject, name),
  count(html, Handlebars.escapeExpression(name)),
  count(text, name),
]
const count = (text: string, part: string) => text.split(part).length - 1

/**
 * A name is one line (standards.md F4): said here once more, so that the mail is not measured by
 * its own code.
 */
const shownName = (name: string) => name.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

/** One line of a name that becomes a field of the header sends mail to whomever it likes. */
function* headerInjection(mail: Rendering): Generator<Spot> {
  const known = new Set(mail.sample.fields.map(([name]) => name))
  for (const { what = 'like any other', fields } of all(mail)) {
    const names = fields.map(([name]) => name)
    const [strange] = names.filter(
      (name, index) => !known.has(name) || names.indexOf(name) !== index,
    )
    if (strange !== undefined)
      yield at(mail, `a name ${what} puts the field ${strange} into the header; fix src/mail`)
  }
}

/** Bytes that no text holds make filters think of worms, and end a text early in some programs. */
function* controlCharacter(mail: Rendering): Generator<Spot> {
  for (const { what, subject, html, text } of all(mail)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(subject + html + text)) {
      yield at(
        mail,
        `${what ? `a name ${what} brings` : 'contains'} a control character; remove it`,
      )
      return
    }
  }
}

export const READER_RULES: readonly Rule<Rendering>[] = [
  { name: 'left-slot', severity: 'error', find: leftSlot },
  { name: 'shown-undefined', severity: 'error', find: shownUndefined },
  { name: 'name-as-markup', severity: 'error', find: nameAsMarkup },
  { name: 'changed-name', severity: 'error', find: changedName },
  { name: 'header-injection', severity: 'error', find: headerInjection },
  { name: 'control-character', severity: 'error', find: controlCharacter },
]
