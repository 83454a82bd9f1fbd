/**
 * ALTCHA's proof of work, version 2 (altcha.org): a browser tries counters until a key derived from
 * one of them begins with a prefix. Implemented with node:crypto: the format is a page long, while
 * its library serves a dozen frameworks and its widget weighs 110 kB.
 */
import { pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { MINUTE } from '../domain/time.ts'
import type { Secrets } from './secrets.ts'

/** Milliseconds for which a challenge is valid (standards.md I5). */
export const CHALLENGE_LIFETIME_MS = 10 * MINUTE

/** How much work a challenge requires. */
export interface Difficulty {
  /** Rounds of PBKDF2 for each try. */
  readonly cost: number
  /**
   * Required beginning of a key, in hex. An empty one, which any try satisfies, leaves the server
   * its share of the work and browsers nearly none.
   */
  readonly keyPrefix: string
}

/**
 * About 256 tries of 5,000 rounds: half a second on a laptop, two on a phone, and as much for every
 * attempt of a bot.
 */
const DEFAULT_DIFFICULTY: Difficulty = { cost: 5_000, keyPrefix: '00' }
const FORMAT = { algorithm: 'PBKDF2/SHA-256', keyLength: 32 } as const

interface Parameters {
  readonly data: { readonly form: string }
  /** In seconds since 1970. */
  readonly expiresAt: number
  readonly nonce: string
  readonly salt: string
}

export interface Challenge {
  readonly parameters: Parameters & Difficulty & typeof FORMAT
  readonly signature: string
}

export interface ProofOfWork {
  /** Returns a fresh challenge for the form of this name. Nothing of it is stored. */
  challenge(form: string, now: Temporal.Instant): Challenge
  /**
   * Returns what `answer` claims to solve; null if it is not one of our challenges for this form,
   * or has expired. Cheap.
   */
  claimed(form: string, answer: string, now: Temporal.Instant): ClaimedSolution | null
  /** Returns the name of the challenge that `answer` solves; null if it solves none of ours. */
  solved(form: string, answer: string, now: Temporal.Instant): Promise<string | null>
}

export interface ClaimedSolution {
  /** Name of its challenge, so that it counts once. */
  readonly challenge: string
  /** Whether the work was done. Costs as much as a single try. */
  holds(): Promise<boolean>
}

const hex = z.string().regex(/^[0-9a-f]{32}$/)
const answerShape = ({ cost, keyPrefix }: Difficulty) =>
  z.object({
    challenge: z.object({
      parameters: z.object({
        algorithm: z.literal(FORMAT.algorithm),
        cost: z.literal(cost),
        keyLength: z.literal(FORMAT.keyLength),
        keyPrefix: z.literal(keyPrefix),
        data: z.object({ form: z.string() }),
        expiresAt: z.int(),
        nonce: hex,
        salt: hex,
      }),
      signature: z.string(),
    }),
    solution: z.object({ counter: z.int().min(0).max(0xffffffff), derivedKey: z.string() }),
  })

const PURPOSE = 'proof of work'

export function openProofOfWork(
  secrets: Secrets,
  {
    cost = DEFAULT_DIFFICULTY.cost,
    keyPrefix = DEFAULT_DIFFICULTY.keyPrefix,
  }: Partial<Difficulty> = {},
): ProofOfWork {
  const work = { cost, keyPrefix }
  const shape = answerShape(work)
  const claimed: ProofOfWork['claimed'] = (form, answer, now) => {
    const read = shape.safeParse(fromBase64(answer))
    if (!read.success) return null
    const { challenge, solution } = read.data
    const parameters = canonical(challenge.parameters, work)
    const [key = '', tag = ''] = challenge.signature.split('.')
    const isOurs = secrets.verify(PURPOSE, JSON.stringify(parameters), key, Buffer.from(tag, 'hex'))
    if (!isOurs || parameters.data.form !== form) return null
    if (now.epochMilliseconds >= parameters.expiresAt * 1_000) return null
    const isClaimed = solution.derivedKey.startsWith(parameters.keyPrefix)
    const holds = async () =>
      isClaimed && (await derive(parameters, solution.counter)) === solution.derivedKey
    return { challenge: parameters.nonce, holds }
  }
  return {
    challenge: (form, now) => {
      const fresh = {
        data: { form },
        expiresAt: Math.floor((now.epochMilliseconds + CHALLENGE_LIFETIME_MS) / 1_000),
        nonce: randomBytes(16).toString('hex'),
        salt: randomBytes(16).toString('hex'),
      }
      const parameters = canonical(fresh, work)
      const { key, tag } = secrets.sign(PURPOSE, JSON.stringify(parameters))
      return { parameters, signature: `${key}.${tag.toString('hex')}` }
    },
    claimed,
    solved: async (form, answer, now) => {
      const claim = claimed(form, answer, now)
      return claim && (await claim.holds()) ? claim.challenge : null
    },
  }
}

/** Returns the parameters with their keys in alphabetical order: what is signed. */
const canonical = (
  { data, expiresAt, nonce, salt }: Parameters,
  { cost, keyPrefix }: Difficulty,
) => {
  const { algorithm, keyLength } = FORMAT
  return {
    algorithm,
    cost,
    data: { form: data.form },
    expiresAt,
    keyLength,
    keyPrefix,
    nonce,
    salt,
  }
}

const stretch = promisify(pbkdf2)

/** The key of one counter, in hex. */
async function derive({ nonce, salt, cost, keyLength }: Challenge['parameters'], counter: number) {
  const password = Buffer.alloc(20)
  password.write(nonce, 'hex')
  password.writeUInt32BE(counter, 16)
  const key = await stretch(password, Buffer.from(salt, 'hex'), cost, keyLength, 'sha256')
  return key.toString('hex')
}

function fromBase64(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
  } catch {
    return null
  }
}
