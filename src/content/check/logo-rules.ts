/** Logos without a file: every mail of their series would show a broken picture. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Finding } from '../../domain/finding.ts'
import type { SourcePage } from '../source.ts'

const RULE = 'logo'
const SERVED_FROM = '/assets/'

/** Looks for the file of `theme.logo` in the folders of assets. */
export async function checkLogos(
  settings: readonly SourcePage[],
  assets: readonly string[],
): Promise<Finding[]> {
  const found = settings.map(async ({ file, keys }): Promise<Finding[]> => {
    const logo = keys.get('theme.logo')
    // Other paths are served by something else, such as a proxy.
    if (!logo?.text.startsWith(SERVED_FROM)) return []
    const name = logo.text.slice(SERVED_FROM.length)
    if (await isIn(assets, name)) return []
    const message = `theme.logo: there is no assets/${name}; every mail would show a broken picture`
    return [{ file, line: logo.line, column: logo.column, severity: 'error', rule: RULE, message }]
  })
  return (await Promise.all(found)).flat()
}

async function isIn(folders: readonly string[], name: string): Promise<boolean> {
  const answers = await Promise.all(
    folders.map((folder) =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return answers.includes(true)
}
