import { DAY } from './time.ts'

/**
 * How many may use a form within an hour before it asks for proof of work, or refuses: the defaults
 * of the settings.
 */
export const FORM_LIMITS = {
  /** From one network. A class of sixty behind one address gets in without any. */
  network: 100,
  /** For one address. */
  address: 5,
  /** From one network, with proof or without: a person a second is no school. */
  networkAtMost: 1_000,
} as const

/**
 * How much of each form is taken (standards.md I4): a form without limits is a tool for list
 * bombing. Each form has budgets of its own; those of an hour are settings. Above those of a
 * network and of an address a browser has to show proof of work; nobody is refused for what others
 * did with the same address, and a school behind one address is slowed, not shut out.
 */
export const LIMITS = {
  network: { name: 'form-network', points: FORM_LIMITS.network, seconds: 3_600 },
  address: { name: 'form-address', points: FORM_LIMITS.address, seconds: 3_600 },
  networkAtMost: {
    name: 'form-network-at-most',
    points: FORM_LIMITS.networkAtMost,
    seconds: 3_600,
  },
  /** Without proof where it is asked for: as many as are carried out one a second. */
  slowly: { name: 'form-slowly', points: 1_800, seconds: 1_800 },
} as const

/** A wrong proof costs us a derivation: from one network a few a minute are looked at. */
export const WRONG_PROOFS = { name: 'form-wrong-proofs', points: 20, seconds: 60 } as const

/**
 * Above how many requests in ten minutes a form asks for proof of work is configured; it lasts half
 * an hour.
 */
export const RUSH = { name: 'form-rush', seconds: 600, holdSeconds: 1_800 } as const

/**
 * Each subscriber may have so many addresses asked a day, so that nobody mails a list of strangers
 * by their own link.
 */
export const CHANGES = { name: 'address-changes', points: 5, seconds: DAY / 1_000 } as const
