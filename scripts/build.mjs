/**
 * What `npm pack` packs: the program as JavaScript in `dist`, since Node strips no types under
 * node_modules. The folders lie beside one another as in a clone, so that each file finds the
 * others at the same place.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
rmSync(`${root}dist`, { recursive: true, force: true })
// `npm run check` looks at the types, which takes ten times as long.
execFileSync('tsc', ['--project', 'tsconfig.build.json', '--noCheck'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
})
for (const folder of ['templates', 'locales', 'src/store/migrations'])
  cpSync(`${root}${folder}`, `${root}dist/${folder}`, { recursive: true })
