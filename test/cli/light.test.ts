/** Loaded modules stay in memory, and a process that only sends needs no `fetch`. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const RUN = new URL('../../src/cli/run.ts', import.meta.url).href
const LOADED = `const loaded = () => process.moduleLoadList.filter((name) => name.includes('undici')).length
await import('${RUN}')
console.log(loaded(), typeof Response, loaded())`

it("the command line does not load Node's fetch, which takes 16 MB", async () => {
  const args = ['--input-type=module', '--eval', LOADED]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(stdout.trim()).toBe('0 function 1')
})
