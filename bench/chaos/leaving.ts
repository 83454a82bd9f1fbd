/** People who unsubscribe during the morning's run. */
import { randomInt } from 'node:crypto'
import type { Leave } from './count.ts'
import type { Stage } from './stage.ts'

/** How many leave at a time. */
const LANES = 8
const CONSENT = {
  wording: 'I leave',
  language: 'en',
  version: '2',
  source: 'chaos',
  network: '192.0.2.0/24',
}

/**
 * Lets `leavers` people leave during the first half of the run: alternately one whose mail is being
 * handed over at that moment, and a random one, whose mail has usually not been sent yet.
 */
export async function leaveMeanwhile(stage: Stage, leavers: number): Promise<void> {
  const { recorder, terms, leftAt, violations } = stage
  const asked = new Set<string>()
  let last = ''
  recorder.play({
    recipient: ({ to }) => {
      last = to
      return undefined
    },
  })
  const next = () => {
    const inHand = asked.size % 2 === 0 && last !== '' && !asked.has(last)
    return inHand ? last : `reader${randomInt(terms.due) + 1}@example.com`
  }
  const lane = async () => {
    while (asked.size < leavers) {
      const address = next()
      if (asked.has(address)) continue
      asked.add(address)
      leftAt.set(address, await leave(stage, address))
      const share = (0.5 * asked.size) / leavers
      await stage.until('the run to go on', () => recorder.count() >= share * terms.due)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const waitedLong = [...leftAt.values()].filter(({ inHands }) => inHands !== null).length
  if (waitedLong > 0)
    stage.notes.push(`${waitedLong} were answered while SMTP still had a mail of theirs`)
  if (leftAt.size < leavers) violations.push(`only ${leftAt.size} of ${leavers} could leave`)
}

/** Leaves as the page does, in a process other than the senders'. */
async function leave({ app, query }: Stage, address: string): Promise<Leave> {
  const [enrollment] = await query<{ id: string }>(
    'select e.id from enrollments e join subscribers s on s.id = e.subscriber_id where s.address = $1',
    [address],
  )
  if (!enrollment) throw new Error(`nobody has the address ${address}`)
  await app.reader.unsubscribe(enrollment.id, randomInt(2) === 0 ? 'series' : 'everything', CONSENT)
  const at = Date.now()
  const [sending] = await query<{ attempts: number }>(
    `select attempts from deliveries where enrollment_id = $1 and status = 'sending'`,
    [enrollment.id],
  )
  return { at, inHands: sending?.attempts ?? null }
}
