import type { Key } from '../locales/locale.ts'

/** Problems that a process can notice in its own setup, each with the sentence on what to do. */
export const NOTICES = {
  'untrusted-proxy': 'operator.notice.untrusted-proxy',
  'bounce-mailbox-login': 'operator.notice.bounce-mailbox-login',
  'bounce-mailbox-tls': 'operator.notice.bounce-mailbox-tls',
  'bounce-mailbox-folder': 'operator.notice.bounce-mailbox-folder',
  'bounce-mailbox-away': 'operator.notice.bounce-mailbox-away',
  'bounce-listener': 'operator.notice.bounce-listener',
  'answers-wait': 'operator.notice.answers-wait',
} as const satisfies Readonly<Record<string, Key>>

export type NoticeName = keyof typeof NOTICES

export const isNotice = (name: string): name is NoticeName => Object.hasOwn(NOTICES, name)
