/** The browser side of ALTCHA's proof of work, version 2, written from its specification. */
import { pbkdf2Sync } from 'node:crypto'
import type { Challenge } from '../../src/security/proof-of-work.ts'

type Parameters = Challenge['parameters']

const keyOf = ({ nonce, salt, cost, keyLength }: Parameters, counter: number) => {
  const password = Buffer.concat([Buffer.from(nonce, 'hex'), Buffer.alloc(4)])
  password.writeUInt32BE(counter, 16)
  return pbkdf2Sync(password, Buffer.from(salt, 'hex'), cost, keyLength, 'sha256').toString('hex')
}

export const packed = (answer: object) => Buffer.from(JSON.stringify(answer)).toString('base64')

/** The first counter from `start` whose key begins with the prefix, or if `wrongly` does not. */
export function solve({ parameters }: Challenge, { wrongly = false, start = 0 } = {}) {
  for (let counter = start; ; counter++) {
    const derivedKey = keyOf(parameters, counter)
    if (derivedKey.startsWith(parameters.keyPrefix) !== wrongly)
      return { counter, derivedKey, time: 1 }
  }
}

/** The answer to a challenge as a form sends it. */
export const answerTo = (challenge: Challenge) => packed({ challenge, solution: solve(challenge) })
