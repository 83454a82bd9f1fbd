import { expect, it } from 'vitest'
import { answered, start, strokesOf } from './engine.ts'

it('says which command an engine did not answer', async () => {
  const never = new Promise(() => {})
  await expect(answered('POST /url', never, 0.05)).rejects.toThrow(
    'the browser hangs: no answer in 0.05 s to POST /url',
  )
})

it('says how a program ended without the expected output', async () => {
  await using program = start('sh', ['-c', 'echo no screen >&2; exit 3'])
  await expect(program.said(/listening/)).rejects.toThrow(/sh ended with 3: no screen/)
})

it('ends a program together with the processes it started', async () => {
  const program = start('sh', ['-c', 'sleep 600 & echo up; wait'])
  await program.said(/up/)
  // A child with its output still open would keep the program from closing.
  await expect(program[Symbol.asyncDispose]()).resolves.toBeUndefined()
})

it('holds Shift for only the next key', () => {
  const strokes = strokesOf('\uE008ab').map(({ type, value }) => `${type} ${value}`)
  expect(strokes).toEqual([
    'keyDown \uE008',
    'keyDown a',
    'keyUp a',
    'keyUp \uE008',
    'keyDown b',
    'keyUp b',
  ])
})
