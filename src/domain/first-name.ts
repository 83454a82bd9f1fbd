import type { Message } from '../locales/locale.ts'
import { type LineFault, readLine } from './plain-line.ts'

const MAX = 80
const FAULTS: Readonly<Record<LineFault, Message>> = {
  'too-long': { key: 'form.name.too-long', params: { most: MAX } },
  'several-lines': { key: 'form.name.several-lines' },
  'has-link': { key: 'form.name.has-link' },
}

/**
 * Reads a first name, which may be empty, or returns what is wrong with it: it appears in the
 * confirmation mail.
 */
export function readFirstName(text: string): { firstName: string } | { fault: Message } {
  const read = readLine(text, MAX)
  return 'line' in read ? { firstName: read.line } : { fault: FAULTS[read.fault] }
}
