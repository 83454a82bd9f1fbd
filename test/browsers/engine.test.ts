import { expect, it } from 'vitest'
import { answered, start, strokesOf } from './engine.ts'

it('says what an engine gives no answer to', async () => {
  const never = new Promise(() => {})
  await expect(answered('POST /url', never, 0.05)).rejects.toThrow(
    'the browser hangs: no answer in 0.05 s to POST /url',
  )
})

it('says how a program ended that did not say what was waited for', async () => {
  await using program = start('sh', ['-c', 'echo no screen >&2; exit 3'])
  await expect(program.said(/listening/)).rejects.toThrow(/sh ended with 3: no screen/)
})

it('ends with a program what that has started', async () => {
  const program = start('sh', ['-c', 'sleep 600 & echo up; wait'])
  await program.said(/up/)
  // What has its output still open would keep it from being over.
  await expect(program[Symbol.asyncDispose]()).resolves.toBeUndefined()
})

it('holds Shift for the one key after it', () => {
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
