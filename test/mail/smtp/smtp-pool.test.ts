import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MimeMessage } from '../../../src/mail/mail.ts'
import { openPool } from '../../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { openMailbox } from '../../support/mailbox.ts'

const ENVELOPE = { from: 'morning@courses.example', to: 'ada@example.com' }
const HEADER = Buffer.from('Subject: Good morning\r\n\r\n')

describe('a pool', () => {
  it('delivers a message unchanged, wherever lines begin with dots and chunks end', async () => {
    await using mailbox = await openMailbox()
    const pool = openPool(readServer(mailbox.url))
    const line = fc.string({ unit: fc.constantFrom('.', 'a'), maxLength: 3 })
    const texts = fc
      .array(line, { minLength: 1, maxLength: 6 })
      .map((lines) => `${lines.join('\r\n')}\r\n`)
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
        async (text, cuts) => {
          const body: Buffer[] = []
          for (let rest = text; rest; ) {
            const [length = 0] = cuts.take(1)
            body.push(Buffer.from(rest.slice(0, length)), Buffer.alloc(0))
            rest = rest.slice(length)
          }
          const message: MimeMessage = [HEADER, ...body]
          await pool.send(ENVELOPE, message)
          expect(mailbox.received.at(-1)?.raw.toString()).toBe(`${HEADER}${text}`)
        },
      ),
      { numRuns: 100 },
    )
    await pool.close()
  })
})
