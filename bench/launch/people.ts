/**
 * The people of a launch, in a process of their own: each opens the course's page, reads it, fills
 * in the form, solves a proof of work if asked, and follows the answer. They arrive evenly, from
 * many networks, through a proxy. Prints the outcome as JSON.
 */
import { pbkdf2 } from 'node:crypto'
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Challenge } from '../../src/security/proof-of-work.ts'
import { hiddenOf } from '../../test/support/page.ts'

export interface Arrivals {
  /** Milliseconds until an answer was complete, by step. */
  readonly times: Readonly<Record<Step, readonly number[]>>
  /** How many were told to check their inbox; and what the others saw last, with counts. */
  readonly welcomed: number
  readonly others: Readonly<Record<string, number>>
  readonly proofs: number
  /**
   * For each connection that was closed just as it was reused, how long it had been idle, in
   * milliseconds.
   */
  readonly resets: readonly number[]
}

const STEPS = ['page', 'challenge', 'form', 'answer'] as const
type Step = (typeof STEPS)[number]

/** The least time to read and fill in a form. */
const READING_MS = 3_000
/** How often somebody presses the button before giving up. */
const TRIES = 3
const COURSE = '/courses/inner-wisdom'

const [port = '', people = '', seconds = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const times: Record<Step, number[]> = { page: [], challenge: [], form: [], answer: [] }
const others: Record<string, number> = {}
let [welcomed, proofs] = [0, 0]
const resets: number[] = []
/** When a connection had its last answer. */
const idleSince = new WeakMap<Socket, number>()

interface Answer {
  readonly status: number
  readonly location: string
  readonly body: string
}

async function ask(
  step: Step,
  person: number,
  path: string,
  form?: URLSearchParams,
): Promise<Answer> {
  const begunMs = performance.now()
  const body = form?.toString()
  const headers = {
    'X-Forwarded-For': addressOf(person),
    ...(body && {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': body.length,
    }),
  }
  const options = { host: '127.0.0.1', port, path, agent, headers, method: body ? 'POST' : 'GET' }
  const response = await responseTo(options, body)
  const answer = {
    status: response.statusCode ?? 0,
    location: response.headers.location ?? '',
    body: await text(response),
  }
  times[step].push(performance.now() - begunMs)
  idleSince.set(response.socket, performance.now())
  return answer
}

/**
 * Repeats a request, as browsers do, if a reused connection is closed just as the request is sent.
 */
async function responseTo(
  options: RequestOptions,
  body: string | undefined,
): Promise<IncomingMessage> {
  const asked = request(options)
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject).end(body)
  })
  return response.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET' || !asked.reusedSocket || !asked.socket) throw error
    resets.push(Math.round(performance.now() - (idleSince.get(asked.socket) ?? 0)))
    return responseTo(options, body)
  })
}

/** Some networks have several people, like those of schools and mobile providers. */
const addressOf = (person: number) => {
  const network = (person * 7_919) % 6_007
  return `100.${64 + (network >> 8)}.${network & 255}.${person % 250}`
}

async function enroll(person: number): Promise<string> {
  let page = await ask('page', person, COURSE)
  for (let tries = 0; tries < TRIES; tries++) {
    if (page.status >= 400 && !page.body.includes('name="stamp"')) return String(page.status)
    await pause(READING_MS)
    const taken = await ask('form', person, COURSE, await filledIn(person, page.body))
    if (taken.status !== 303) return `${taken.status} to the form`
    const where = taken.location.replace(/#.*/, '')
    page = await ask('answer', person, where)
    if (where.startsWith('/enrolled')) return ''
  }
  return 'the form again'
}

async function filledIn(person: number, page: string): Promise<URLSearchParams> {
  const { stamp = '' } = hiddenOf(page)
  const form = new URLSearchParams({
    stamp,
    website: '',
    email: `launch${person}@example.com`,
    name: 'Ada',
    time: '07:00',
    zone: 'Europe/Berlin',
    daily: 'yes',
  })
  for (const day of '1234567') form.append('weekdays', day)
  if (page.includes('data-proof=')) form.set('altcha', await proof(person))
  return form
}

const stretch = promisify(pbkdf2)

/** One try is enough: see site.ts. */
async function proof(person: number): Promise<string> {
  const challenge: Challenge = JSON.parse(
    (await ask('challenge', person, `${COURSE}/challenge`)).body,
  )
  const { nonce, salt, cost, keyLength } = challenge.parameters
  const password = Buffer.concat([Buffer.from(nonce, 'hex'), Buffer.alloc(4)])
  const key = await stretch(password, Buffer.from(salt, 'hex'), cost, keyLength, 'sha256')
  proofs += 1
  const solution = { counter: 0, derivedKey: key.toString('hex') }
  return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64')
}

const count = Number(people)
const begunMs = performance.now()
const coming = Array.from({ length: count }, async (_, person) => {
  await pause(Math.max(0, begunMs + (person * Number(seconds) * 1_000) / count - performance.now()))
  const fate = await enroll(person).catch((error: Error) => error.message)
  if (fate === '') welcomed += 1
  else others[fate] = (others[fate] ?? 0) + 1
})
await Promise.all(coming)
agent.destroy()
const arrivals: Arrivals = { times, welcomed, others, proofs, resets }
process.stdout.write(JSON.stringify(arrivals))
