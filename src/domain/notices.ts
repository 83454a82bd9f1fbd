/** What a process can notice of how it was set up, and what to do about it. */
export const SENTENCES = {
  'untrusted-proxy':
    'Requests come through a proxy (they carry X-Forwarded-For or Forwarded), but TRUST_PROXY is 0, so all visitors share ' +
    'the limits of one network: set TRUST_PROXY to the number of your own proxies, usually 1.',
} as const

export type Notice = keyof typeof SENTENCES
