import { DAY } from './time.ts'

/**
 * Requests per hour that a form accepts before it asks for proof of work, or refuses: the defaults
 * of the settings.
 */
export const FORM_LIMITS = {
  /** From one network. A class of sixty behind one address gets in without proof. */
  network: 100,
  /** For one address. */
  address: 5,
  /** From one network, with proof or without: more than any school sends. */
  networkAtMost: 1_000,
} as const

/**
 * Rate limits of the forms (standards.md I4): a form without limits is a tool for list bombing.
 * Each form has its own budgets; the hourly ones are settings. Above those of a network and of an
 * address a browser has to show proof of work. Nobody is refused for what others did with the same
 * address, and a school behind one address is slowed down, not shut out.
 */
export const FORM_RATE_LIMITS = {
  network: { name: 'form-network', points: FORM_LIMITS.network, seconds: 3_600 },
  address: { name: 'form-address', points: FORM_LIMITS.address, seconds: 3_600 },
  networkAtMost: {
    name: 'form-network-at-most',
    points: FORM_LIMITS.networkAtMost,
    seconds: 3_600,
  },
  /** Without the required proof: as many as can be carried out at one per second. */
  slowly: { name: 'form-slowly', points: 1_800, seconds: 1_800 },
} as const

/** A wrong proof costs a key derivation, so only a few per minute are checked from one network. */
export const WRONG_PROOF_LIMIT = { name: 'form-wrong-proofs', points: 20, seconds: 60 } as const

/**
 * Requests are counted over ten minutes; above a configured number a form asks for proof of work,
 * for half an hour.
 */
export const RUSH_LIMIT = { name: 'form-rush', seconds: 600, holdSeconds: 1_800 } as const

/**
 * Address changes that a subscriber may request per day, so that nobody mails a list of strangers
 * through their own link.
 */
export const ADDRESS_CHANGE_LIMIT = {
  name: 'address-changes',
  points: 5,
  seconds: DAY / 1_000,
} as const
