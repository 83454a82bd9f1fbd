/** Creates a site: a folder with settings and one small course, open for enrollment immediately. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { messageOf, Problem } from '../domain/problem.ts'
import { SAMPLES } from '../platform/paths.ts'
import { SITE_FILE, siteAt } from '../platform/site-folder.ts'
import { example, type Print, type Register } from './command.ts'
import { sampleTexts, schemaFor, type Texts, titleOf } from './samples.ts'

const COURSE = 'first-steps'
/** By their names among the samples: npm leaves out files that begin with a dot. */
const FILES = { [SITE_FILE]: SITE_FILE, 'README.md': 'README.md', gitignore: '.gitignore' }
const ENV = { 'env.example': '.env.example' }

export const initCommand: Register = (program, { cwd, print }) =>
  program
    .command('init')
    .description('create a folder for your own site, with settings and one small course')
    .argument('<folder>', 'a new or an empty folder')
    .addHelpText('after', example('dawnpost init my-site'))
    .action((folder) => init(folder, { cwd, print }))

/** Creates a site completely or not at all. Throws a Problem if the folder is not empty. */
export async function init(
  path: string,
  { cwd, print }: { readonly cwd: string; readonly print: Print },
): Promise<void> {
  const folder = resolve(cwd, path)
  const texts = await textsOf(folder)
  try {
    await writeAll(folder, texts)
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('unavailable', 'operator.init.not-written', {
      params: { folder: path, cause: messageOf(cause) },
      cause,
    })
  }
  print(
    [
      `${folder === cwd ? 'This folder' : path} is a site with one small course:`,
      ...texts.map(([name]) => `  ${name}`),
      '',
      'Next:',
      ...(folder === cwd ? [] : [`  cd ${/\s/.test(path) ? `"${path}"` : path}`]),
      '  npm install',
      '  npm start',
      ...(folder === cwd ? ['  npm run preview'] : []),
    ].join('\n'),
  )
}

async function textsOf(folder: string): Promise<Texts> {
  const name = titleOf(slugOf(folder)) || 'My Site'
  const siteFiles = await Promise.all(
    Object.entries({ ...FILES, ...ENV }).map(async ([kept, file]) => {
      const text = await readFile(join(SAMPLES, 'site', kept), 'utf8')
      return [file, text.replace('NAME', () => inYaml(file, name))] as const
    }),
  )
  const schema = schemaFor(siteAt(folder))
  const course = await sampleTexts('course', { title: titleOf(COURSE), schema })
  return [
    ...siteFiles,
    ['package.json', packageOf(folder)],
    ...course.map(([file, text]) => [`courses/${COURSE}/${file}`, withoutDraftLine(text)] as const),
  ]
}

const inYaml = (file: string, name: string) => (file === SITE_FILE ? JSON.stringify(name) : name)

/** A new site has no readers from whom a draft would have to be kept. */
const withoutDraftLine = (text: string) =>
  text.replace(/^# Readers get nothing.*\ndraft: true\n/m, '')

const slugOf = (folder: string) =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

const packageOf = (folder: string) =>
  `${JSON.stringify(
    {
      name: slugOf(folder) || 'my-site',
      private: true,
      scripts: {
        start: 'dawnpost start',
        preview: 'dawnpost preview',
        check: 'dawnpost check',
      },
      dependencies: { dawnpost: manifest.version },
    },
    null,
    2,
  )}\n`

/**
 * Writes to a temporary folder first and moves it in one step. An existing folder may be somebody's
 * working folder, so it is kept and filled.
 */
async function writeAll(folder: string, texts: Texts): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error.code === 'ENOTDIR' ? taken(folder) : error
  })
  if (found && found.length > 0) throw taken(folder)
  const made = found ? undefined : await mkdir(dirname(folder), { recursive: true })
  const staging = join(found ? folder : dirname(folder), `.init-${randomUUID()}`)
  try {
    for (const [name, text] of texts) {
      await mkdir(dirname(join(staging, name)), { recursive: true })
      await writeFile(join(staging, name), text)
    }
    if (found) await moveInto(folder, staging)
    else await rename(staging, folder)
  } catch (error) {
    if (made) await rm(made, { recursive: true, force: true })
    throw error
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** Moves everything in a folder, or nothing. */
async function moveInto(folder: string, staging: string): Promise<void> {
  const moved: string[] = []
  try {
    for (const name of await readdir(staging)) {
      await rename(join(staging, name), join(folder, name))
      moved.push(name)
    }
  } catch (error) {
    for (const name of moved) await rm(join(folder, name), { recursive: true, force: true })
    throw error
  }
}

const taken = (folder: string) =>
  new Problem('invalid', 'operator.init.taken', { params: { folder: basename(folder) } })
