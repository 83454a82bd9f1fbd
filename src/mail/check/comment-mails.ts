/**
 * Checks the mails about comments with a fictitious comment: they belong to no series, so no other
 * mail shows what is wrong with their layouts.
 */
import { load } from 'cheerio'
import type { Finding } from '../../domain/finding.ts'
import { messageOf } from '../../domain/problem.ts'
import { rawOf } from '../mail.ts'
import { composeNotice } from '../message/compose.ts'
import { type CommentMail, renderCommentMail } from '../render/comment-mail.ts'
import type { MailTemplates } from '../render/templates.ts'
import { parseMessage } from './rendering.ts'
import { commentMailIn, FROM, LETTERHEAD, STAMP } from './samples.ts'

const KINDS = ['moderation', 'answers'] as const

/** Returns what is wrong with them in a language, located at their layouts. */
export async function checkCommentMails(
  templates: MailTemplates,
  language: string,
): Promise<Finding[]> {
  const locale = templates.locales.of(language)
  const found = await Promise.all(
    KINDS.map((kind) => faultsOf(commentMailIn(kind, locale), templates)),
  )
  return found.flat()
}

async function faultsOf(mail: CommentMail, templates: MailTemplates): Promise<Finding[]> {
  const at = (rule: string, message: string): Finding => ({
    file: `../templates/mail/${mail.kind}.mjml`,
    line: 1,
    column: 1,
    severity: 'error',
    rule,
    message,
  })
  try {
    const parts = await sent(mail, templates)
    return Object.entries(parts).flatMap(([part, { words, links }]) => [
      ...wordsOf(mail)
        .filter((text) => !words.includes(text))
        .map((text) => at('lost-text', `the ${part} does not say "${text}"`)),
      ...linksOf(mail)
        .filter(({ url }) => !links.includes(url))
        .map(({ label }) => at('lost-link', `the ${part} has no link "${label}"`)),
      ...(words.includes(LETTERHEAD.postalAddress)
        ? []
        : [at('no-postal-address', `the ${part} has no postal address`)]),
      ...(words.includes('{{') ? [at('left-slot', `the ${part} shows {{`)] : []),
    ])
  } catch (error) {
    const message = messageOf(error).replace(/\s+/g, ' ')
    return [at('unmailable', `no ${mail.kind} mail can be made from it: ${message}`)]
  }
}

/** Returns what a reader of each part gets. */
async function sent(mail: CommentMail, templates: MailTemplates) {
  const terms = { templates, letterhead: LETTERHEAD, theme: undefined }
  const notice = await renderCommentMail(mail, terms)
  const { html, text } = parseMessage(
    rawOf(composeNotice(notice, { to: FROM.address, stamp: STAMP, list: null }, FROM)),
  )
  const page = load(html)
  const links = page('a')
    .toArray()
    .map((link) => page(link).attr('href') ?? '')
  return {
    page: { words: inLine(page('body').text()), links: links.join('\n') },
    'text part': { words: inLine(text), links: text },
  }
}

const inLine = (text: string) => text.replace(/\s+/g, ' ')

const wordsOf = ({ lead, comments, after }: CommentMail) =>
  [lead, ...comments.flatMap(({ author, note, text }) => [author, note, text]), after]
    .filter((words) => words !== '')
    .map(inLine)

const linksOf = ({ comments, leave }: CommentMail) => [
  ...comments.flatMap(({ under, links }) => [under, ...links]),
  ...(leave ? [leave] : []),
]
