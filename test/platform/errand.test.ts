import { expect, it } from 'vitest'
import { openErrand } from '../../src/platform/errand.ts'

it('an errand runs once for many pokes, and once more for those that came while it ran', async () => {
  let runs = 0
  let atOnce = 0
  let most = 0
  const errand = openErrand(
    async () => {
      runs += 1
      most = Math.max(most, ++atOnce)
      if (runs === 1) for (let n = 0; n < 5; n++) errand.poke()
      await new Promise((resolve) => setImmediate(resolve))
      atOnce -= 1
    },
    () => {},
  )
  for (let n = 0; n < 5; n++) errand.poke()
  expect(runs).toBe(0)
  await errand.settle()
  expect([runs, most]).toEqual([2, 1])
  await errand.settle()
  expect(runs).toBe(2)
})

it('an errand that fails is told of, and done again when asked', async () => {
  const errors: unknown[] = []
  let runs = 0
  const errand = openErrand(
    async () => {
      if (++runs === 1) throw new Error('no way')
    },
    (error) => errors.push(error),
  )
  errand.poke()
  await errand.settle()
  errand.poke()
  await errand.settle()
  expect([runs, errors]).toEqual([2, [new Error('no way')]])
})
