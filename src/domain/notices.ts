import type { Key } from '../locales/locale.ts'

/** What a process can notice of how it was set up, and what to do about it. */
export const NOTICES = {
  'untrusted-proxy': 'operator.notice.untrusted-proxy',
} as const satisfies Readonly<Record<string, Key>>

export type NoticeName = keyof typeof NOTICES

export const isNotice = (name: string): name is NoticeName => Object.hasOwn(NOTICES, name)
