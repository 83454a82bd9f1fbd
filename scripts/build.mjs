/**
 * Builds what `npm pack` packs: the program as JavaScript in `dist`, since Node strips no types
 * under node_modules. The folders keep the layout of a clone, so that files find one another at the
 * same paths.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
rmSync(`${root}dist`, { recursive: true, force: true })
// `npm run check` checks the types, which takes ten times as long.
execFileSync('tsc', ['--project', 'tsconfig.build.json', '--noCheck'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
})
for (const folder of ['templates', 'locales', 'src/store/migrations'])
  cpSync(`${root}${folder}`, `${root}dist/${folder}`, { recursive: true })
