#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=10
// The `dawnpost` command: runs cli.ts on the pinned Node, whichever Node it was started with. Small
// spaces for young objects and a heap that grows by a tenth instead of doubling keep a sender under
// 200 MB while it sends a hundred thousand mails. Spaces of half that size cost it a twelfth of its
// time.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { installPackages, whenParentEnds } from './setup.mjs'

const parent = process.ppid
await installPackages()
if (Number(process.versions.node.split('.')[0]) >= 26) {
  // npm and npx put a shell between themselves and us, and it hands no signal on; cli.ts stops when
  // it is gone.
  if (process.env.npm_lifecycle_event) process.env.DAWNPOST_PARENT ??= String(parent)
  // Before the first TypeScript file: once all are compiled, what compiles them is not even loaded.
  module.enableCompileCache()
  await import('./cli/main.ts')
} else {
  const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const env = { ...process.env, DAWNPOST_PARENT: String(process.pid) }
  const child = spawn(pinned, args, { stdio: 'inherit', env })
  // A terminal sends SIGINT to both; the child takes the second for an echo.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  whenParentEnds(parent, () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
