#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=8 --heap-growing-percent=10
// The `dawnpost` command: runs cli/main.ts on the pinned Node, whichever Node it was started with.
// A small young generation, a heap that grows by a tenth instead of doubling, and a single malloc
// arena keep a sender small. Semi-spaces of half that size cost it a twelfth of its time; an arena
// per thread takes 16 MB more and is no faster.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { installPackages, pinnedNode, whenParentEnds } from './setup.mjs'

const parent = process.ppid
await installPackages()
if (Number(process.versions.node.split('.')[0]) >= 26) {
  // npm and npx start this in a shell that forwards no signals; cli/main.ts stops when that is
  // gone.
  if (process.env.npm_lifecycle_event) process.env.DAWNPOST_PARENT ??= String(parent)
  // Before the first TypeScript import: once all files are cached, the compiler is not even loaded.
  module.enableCompileCache()
  const source = new URL('./cli/main.ts', import.meta.url)
  const compiled = new URL('../dist/src/cli/main.js', import.meta.url)
  await import(existsSync(source) ? source : compiled)
} else {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const env = { MALLOC_ARENA_MAX: '1', ...process.env, DAWNPOST_PARENT: String(process.pid) }
  const child = spawn(pinnedNode(), args, { stdio: 'inherit', env })
  // A terminal sends SIGINT to both; the child treats the second as an echo.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  whenParentEnds(parent, () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
