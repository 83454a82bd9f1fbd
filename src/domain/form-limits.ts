/** How many may use a form within an hour before it asks for proof of work, or refuses: the defaults of the settings. */
export const FORM_LIMITS = {
  /** From one network. A class of sixty behind one address gets in without any. */
  network: 100,
  /** For one address. */
  address: 5,
  /** From one network, with proof or without: a person a second is no school. */
  networkAtMost: 1_000,
} as const
