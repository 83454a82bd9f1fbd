import { expect, it } from 'vitest'
import { openBackgroundTask } from '../../src/platform/background-task.ts'

it('a task runs once for many triggers, and once more for triggers while it was running', async () => {
  let runs = 0
  let atOnce = 0
  let most = 0
  const task = openBackgroundTask(
    async () => {
      runs += 1
      most = Math.max(most, ++atOnce)
      if (runs === 1) for (let n = 0; n < 5; n++) task.trigger()
      await new Promise((resolve) => setImmediate(resolve))
      atOnce -= 1
    },
    () => {},
  )
  for (let n = 0; n < 5; n++) task.trigger()
  expect(runs).toBe(0)
  await task.settle()
  expect([runs, most]).toEqual([2, 1])
  await task.settle()
  expect(runs).toBe(2)
})

it('a failure of a task is reported, and the task runs again when triggered', async () => {
  const errors: unknown[] = []
  let runs = 0
  const task = openBackgroundTask(
    async () => {
      if (++runs === 1) throw new Error('no way')
    },
    (error) => errors.push(error),
  )
  task.trigger()
  await task.settle()
  task.trigger()
  await task.settle()
  expect([runs, errors]).toEqual([2, [new Error('no way')]])
})
