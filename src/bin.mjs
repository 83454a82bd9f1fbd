#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=10
// The `dawnpost` command: runs cli.ts on the pinned Node, whichever Node it was started with. Small spaces for
// young objects and a heap that grows by a tenth instead of doubling keep a sender under 200 MB while it sends a hundred
// thousand mails. Spaces of half that size cost it a twelfth of its time.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { installPackages } from './setup.mjs'

installPackages()
if (Number(process.versions.node.split('.')[0]) >= 26) {
  // Before the first TypeScript file: once all are compiled, what compiles them is not even loaded.
  module.enableCompileCache()
  await import('./cli.ts')
} else {
  const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const child = spawn(pinned, args, { stdio: 'inherit' })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // A terminal sends SIGINT to both: the child stops by itself, and this waits for it.
  process.on('SIGINT', () => {})
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
