/**
 * Rules about what a reader's data does to a mail, and what the mail shows of it (standards.md
 * F16).
 */
import Handlebars from 'handlebars/dist/handlebars.min.js'
import type { Rule, Spot } from '../../domain/finding.ts'
import { authoredText } from '../render/compile.ts'
import { literalBraces } from '../render/templates.ts'
import { spotIn } from './client-rules.ts'
import type { ParsedMessage, Rendering } from './rendering.ts'

const all = ({
  sample,
  nameless,
  hostile,
}: Rendering): readonly (ParsedMessage & { readonly what?: string })[] => [
  sample,
  nameless,
  ...hostile,
]

/** A visible {{ is a broken personalization. Only a name that itself has braces may show them. */
function* leftSlot(mail: Rendering): Generator<Spot> {
  const { subject, html, text } = mail.source
  const meant = [subject, html, text].reduce((sum, part) => sum + literalBraces(part), 0)
  for (const { subject, html, text } of [mail.sample, mail.nameless]) {
    const all = [subject, html, text].join('\n')
    const [found] = /\{\{.{0,40}/.exec(all) ?? []
    if (found && all.split('{{').length - 1 > meant) {
      yield spotIn(
        mail,
        `shows ${found}, a slot that was not filled; fix it in the text or in templates/mail`,
      )
      return
    }
  }
}

/** A missing value shown as such, unless the author's own words contain it. */
function* shownUndefined(mail: Rendering): Generator<Spot> {
  for (const { subject, html, text, reader } of [mail.sample, mail.nameless]) {
    const [found] =
      /\bundefined\b|\[object [A-Z]\w*|\bNaN\b/.exec([subject, html, text].join('\n')) ?? []
    if (!found || authoredText(mail.content).includes(found)) continue
    const audience = reader.firstName ? 'to every reader' : 'to readers without a name'
    yield spotIn(
      mail,
      `shows "${found}" ${audience}: a value that is missing or is not text; fix templates/mail`,
    )
    return
  }
}

/**
 * A stranger can enroll anyone under any name; a name with markup could write a mail of its own.
 */
function* nameAsMarkup(mail: Rendering): Generator<Spot> {
  const { page } = mail
  for (const { what, html } of mail.hostile) {
    if (!/<b data-leak|" data-leak=|<b>Hello/.test(html) || page('[data-leak]').length > 0) continue
    yield spotIn(
      mail,
      `puts a name ${what} into the page unescaped; write {{firstName}}, never {{{firstName}}}`,
    )
  }
}

/**
 * A name, which also answers own fields, must occur as often as an ordinary one: escaped in the
 * page, unchanged in text. It is counted rather than searched for, because fewer occurrences mean
 * that it was interpreted or cut.
 */
function* changedName(mail: Rendering): Generator<Spot> {
  const { firstName, fields } = mail.sample.reader
  const expected = sums(
    [firstName, ...Object.values(fields)].map((value) => countsOf(mail.sample, value)),
  )
  for (const sent of mail.hostile) {
    const found = countsOf(sent, shownName(sent.reader.firstName))
    if (found.every((count, index) => count === expected[index])) continue
    yield spotIn(
      mail,
      `a name ${sent.what} does not arrive as entered; fix templates/mail or src/mail`,
    )
  }
}

const sums = (rows: readonly (readonly number[])[]) =>
  rows.reduce((sum, row) => sum.map((count, index) => count + (row[index] ?? 0)), [0, 0, 0])

const countsOf = ({ subject, html, text }: ParsedMessage, name: string) => [
  count(subject, name),
  count(html, Handlebars.escapeExpression(name)),
  count(text, name),
]
const count = (text: string, part: string) => text.split(part).length - 1

/**
 * A name is one line (standards.md F4). Repeated here so that mail code is not tested by itself.
 */
const shownName = (name: string) => name.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

/** If a line of a name becomes a header field, anyone can send mail to anyone. */
function* headerInjection(mail: Rendering): Generator<Spot> {
  const known = new Set(mail.sample.fields.map(([name]) => name))
  for (const { what = 'like any other', fields } of all(mail)) {
    const names = fields.map(([name]) => name)
    const [strange] = names.filter(
      (name, index) => !known.has(name) || names.indexOf(name) !== index,
    )
    if (strange !== undefined)
      yield spotIn(mail, `a name ${what} puts the field ${strange} into the header; fix src/mail`)
  }
}

/** Filters take control characters for malware, and some programs end the text at them. */
function* controlCharacter(mail: Rendering): Generator<Spot> {
  for (const { what, subject, html, text } of all(mail)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(subject + html + text)) {
      yield spotIn(
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
