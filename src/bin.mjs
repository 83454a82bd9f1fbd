#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=8 --heap-growing-percent=10
// The `dawnpost` command: runs cli/main.ts on the pinned Node, whichever Node it was started with.
// Small spaces for young objects, a heap that grows by a tenth instead of doubling, and one arena
// of malloc for all threads keep a sender small. Spaces of half that size cost it a twelfth of its
// time; an arena for each thread is 16 MB more, and no faster.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { installPackages, pinnedNode, whenParentEnds } from './setup.mjs'

const parent = process.ppid
await installPackages()
if (Number(process.versions.node.split('.')[0]) >= 26) {
  // npm and npx put a shell between themselves and us, and it hands no signal on; cli/main.ts stops
  // when it is gone.
  if (process.env.npm_lifecycle_event) process.env.DAWNPOST_PARENT ??= String(parent)
  // Before the first TypeScript file: once all are compiled, what compiles them is not even loaded.
  module.enableCompileCache()
  const source = new URL('./cli/main.ts', import.meta.url)
  const compiled = new URL('../dist/src/cli/main.js', import.meta.url)
  await import(existsSync(source) ? source : compiled)
} else {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const env = { MALLOC_ARENA_MAX: '1', ...process.env, DAWNPOST_PARENT: String(process.pid) }
  const child = spawn(pinnedNode(), args, { stdio: 'inherit', env })
  // A terminal sends SIGINT to both; the child takes the second for an echo.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  whenParentEnds(parent, () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
