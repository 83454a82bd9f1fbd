#!/usr/bin/env node
// The `dawnpost` command: runs cli.ts on the pinned Node, whichever Node it was started with.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { installPackages } from './setup.mjs'

installPackages()
const cli = fileURLToPath(new URL('./cli.ts', import.meta.url))
const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
const modern = Number(process.versions.node.split('.')[0]) >= 26
const child = spawn(modern ? process.execPath : pinned, [cli, ...process.argv.slice(2)], { stdio: 'inherit' })
process.on('SIGTERM', () => child.kill('SIGTERM'))
// A terminal sends SIGINT to both: the child stops by itself, and this waits for it.
process.on('SIGINT', () => {})
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
