import { describe, expect, it } from 'vitest'
import { openSendSlots } from '../../../src/mail/smtp/send-slots.ts'

const { signal } = new AbortController()
const SLOTS = { least: 40, most: 160 }

/** Slots with a clock of our own; `pass` sends `mails` mails that take `each` milliseconds. */
function openSlots(room = () => Number.POSITIVE_INFINITY) {
  let ms = 0
  const slots = openSendSlots(SLOTS, room, () => ms)
  const pass = async (mails: number, each: number) => {
    for (let mail = 0; mail < mails; mail++) {
      await slots.reserve(1, signal)
      ms += each
      slots.free(1)
    }
  }
  return { ...slots, pass }
}

describe('send slots', () => {
  it('are few at first, and the next are granted once half of them are free', async () => {
    const { reserve, free } = openSlots()
    expect(await reserve(100, signal)).toBe(40)
    let granted = 0
    const next = reserve(100, signal).then((slots) => {
      granted = slots
    })
    free(19)
    await Promise.resolve()
    expect(granted).toBe(0)
    free(1)
    await next
    expect(granted).toBe(20)
  })

  it.each([
    ['as many as leave in a tenth of a second', 1, 100],
    ['never more than the most', 0.125, 160],
    ['never fewer than the least', 50, 40],
  ])('are %s', async (_, each, count) => {
    const slots = openSlots()
    await slots.pass(Math.ceil(100 / each), each)
    expect(await slots.reserve(1_000, signal)).toBe(count)
  })

  it('are few again after a while of slow sending', async () => {
    const slots = openSlots()
    await slots.pass(1_000, 0.125)
    await slots.pass(2, 100)
    expect(await slots.reserve(1_000, signal)).toBe(40)
  })

  it('are one for a probe, none while no server is up, and none for an aborted caller', async () => {
    let room = 1
    const { reserve } = openSlots(() => room)
    expect(await reserve(100, signal)).toBe(1)
    room = 0
    const stop = new AbortController()
    const refused = reserve(100, stop.signal)
    stop.abort()
    expect(await refused).toBe(0)
    expect(await reserve(100, stop.signal)).toBe(0)
  })
})
