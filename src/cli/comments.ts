import type { App } from '../app/app.ts'
import { readAddress } from '../domain/address.ts'
import { cutAtWord } from '../domain/cut.ts'
import { Problem } from '../domain/problem.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'

/** Recorded as the author of decisions made here. */
const DECIDED_BY = 'command line'
/** At most this many are listed. */
const MAX_LISTED = 1_000
/** Characters of a comment shown in the list. */
const MAX_EXCERPT_LENGTH = 90

export const comments: Register = (program, context) => {
  const { readConfig, print } = context
  const group = program
    .command('comments')
    .description('list and moderate the comments of members')
    .addHelpText('after', example('dawnpost comments list'))
  const inApp = async (work: (app: App) => Promise<void>) =>
    withApp(await readConfig(), work, EXISTING)

  group
    .command('list')
    .description('list comments that wait for a moderator')
    .option('--waiting', 'only those that wait (the default)')
    .option('--all', 'also those that are published or rejected')
    .option('--article <slug>', 'only under this article')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost comments list --all --article a-quiet-hour'))
    .action((options: ListOptions) => inApp((app) => listComments(app, options, print)))
  group
    .command('show')
    .description('show a comment and the decisions about it')
    .argument('<id>', 'ID of the comment')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost comments show 0198d1c2-…'))
    .action((id: string, options) => inApp((app) => show(app, id, options, print)))
  for (const decision of ['approve', 'reject'] as const)
    group
      .command(decision)
      .description(decision === 'approve' ? 'publish comments' : 'reject or take down comments')
      .argument('<id...>', 'IDs of the comments')
      .option('--reason <text>', 'kept with the decision; the author is not told')
      .addHelpText('after', example(`dawnpost comments ${decision} 0198d1c2-…`))
      .action((ids: string[], { reason }: { reason?: string }) =>
        inApp(async (app) => {
          if (!(await decideAll(app, { ids, decision, reason }, print))) context.fail()
        }),
      )
  for (const [name, words] of [
    ['block', 'stop a member from commenting, and reject their waiting comments'],
    ['unblock', 'let a member comment again'],
  ] as const)
    group
      .command(name)
      .description(words)
      .argument('<who>', 'email address, ID of a member, or ID of one of their comments')
      .option('--reason <text>', 'kept with the decision; the member is not told')
      .addHelpText('after', example(`dawnpost comments ${name} you@example.com`))
      .action((who: string, { reason }: { reason?: string }) =>
        inApp((app) => setBlocked(app, { who, name, reason }, print)),
      )
}

interface ListOptions {
  readonly waiting?: true
  readonly all?: true
  readonly article?: string
  readonly json?: true
}

async function listComments(
  app: App,
  { waiting, all, article, json }: ListOptions,
  print: Print,
): Promise<void> {
  if (waiting && all)
    throw new Problem('invalid', 'cli.options.either', {
      params: { one: '--waiting', other: '--all' },
    })
  const found = await app.comments.list({
    waiting: !all,
    ...(article !== undefined && { article: app.comments.idOf(article) }),
    limit: MAX_LISTED,
  })
  if (json) return print(JSON.stringify(found))
  if (found.length === 0) return print(all ? 'There are no comments.' : 'No comments are waiting.')
  for (const { id, createdAt, author, article: slug, text, status, reason } of found) {
    const why = status === 'waiting' ? `waiting: ${reason}` : status
    print(`${id}  ${day(createdAt)}  ${slug}  ${author ?? 'somebody'}  (${why})`)
    print(`    ${cutAtWord(text.replace(/\s+/g, ' '), MAX_EXCERPT_LENGTH)}`)
  }
  if (!all) print('Decide with: dawnpost comments approve <id>, or reject, or block.')
}

async function show(app: App, id: string, { json }: { json?: true }, print: Print): Promise<void> {
  const look = await app.comments.inspectComment(id)
  if (!look) throw new Problem('not_found', 'cli.comments.not-found', { params: { text: id } })
  if (json) return print(JSON.stringify(look))
  const { comment, decisions } = look
  const { author, article, createdAt, editedAt, status, reason, subscriberId, parent } = comment
  print(`${author ?? 'somebody'} (member ${subscriberId ?? 'gone'}), under ${article}`)
  const changed = editedAt ? `, changed ${time(editedAt)}` : ''
  const answers = parent ? `, in the thread ${parent}` : ''
  print(`${time(createdAt)}${changed}${answers}`)
  print(status === 'waiting' ? `waiting: ${reason}` : status)
  print('')
  print(comment.text)
  if (decisions.length > 0) print('')
  for (const { decision, by, reason: words, at } of decisions)
    print(`${time(at)}  ${decision} by ${by}${words ? `: ${words}` : ''}`)
}

interface Deciding {
  readonly ids: readonly string[]
  readonly decision: 'approve' | 'reject'
  readonly reason: string | undefined
}

const DONE = { approve: 'published', reject: 'rejected' } as const

/** Decides about each; returns whether all of them exist. */
async function decideAll(
  app: App,
  { ids, decision, reason }: Deciding,
  print: Print,
): Promise<boolean> {
  const stranger = ids.find((id) => !app.comments.isUuid(id))
  if (stranger) throw new Problem('invalid', 'cli.comments.id', { params: { text: stranger } })
  let missing = 0
  for (const id of ids) {
    const outcome = await app.comments.decide({ id, decision, by: DECIDED_BY, reason })
    if (outcome === 'gone') missing++
    const words = { done: DONE[decision], same: `was already ${DONE[decision]}`, gone: 'not found' }
    print(`${id}  ${words[outcome as keyof typeof words]}`)
  }
  return missing === 0
}

interface Blocking {
  readonly who: string
  readonly name: 'block' | 'unblock'
  readonly reason: string | undefined
}

async function setBlocked(app: App, { who, name, reason }: Blocking, print: Print): Promise<void> {
  if (name === 'block' && (await app.comments.inspectComment(who))) {
    const outcome = await app.comments.decide({
      id: who,
      decision: 'block',
      by: DECIDED_BY,
      reason,
    })
    if (outcome === 'gone') throw noSuchMember()
    return print(outcome === 'done' ? BLOCKED.block : ALREADY.block)
  }
  const subscriberId = await memberNamed(app, who)
  const blocked = name === 'block' ? 'blocked' : 'free'
  const isNews = await app.comments.setBlocked({ subscriberId, by: DECIDED_BY, reason, blocked })
  print(isNews ? BLOCKED[name] : ALREADY[name])
}

const BLOCKED = { block: 'Blocked.', unblock: 'They can comment again.' } as const
const ALREADY = { block: 'Was already blocked.', unblock: 'Was not blocked.' } as const

const noSuchMember = () => new Problem('not_found', 'cli.comments.nobody')

/** Returns a member's id, by their address, their id, or the id of one of their comments. */
async function memberNamed(app: App, who: string): Promise<string> {
  const address = readAddress(who)
  const ofAddress = address && (await app.operator.subscriberByKey(address.key))
  const look = address ? null : await app.comments.inspectComment(who)
  const id = ofAddress?.id ?? look?.comment.subscriberId ?? (app.comments.isUuid(who) ? who : null)
  if (!id || !(await app.comments.isMember(id))) throw noSuchMember()
  return id
}

const day = (at: Temporal.Instant) => at.toString().slice(0, 10)
const time = (at: Temporal.Instant) => at.toString({ smallestUnit: 'minute' })
