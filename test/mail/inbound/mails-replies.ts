/** Replies of servers in the wild; each comes back in the report of a Postfix. */
import { readFileSync } from 'node:fs'
import { type Expected, expected } from './expected.ts'
import { postfix } from './shapes.ts'

const LIST = new URL('../../fixtures/bounces/replies.txt', import.meta.url)

export const replies: readonly Expected[] = readFileSync(LIST, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [what = '', reply = ''] = line.split('\t')
    return expected(reply.slice(0, 70), `bounce ${what}`, postfix(reply.replaceAll('\\n', '\n')))
  })
