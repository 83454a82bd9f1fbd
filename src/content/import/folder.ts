/** The mails of a folder: its files, or subfolders that hold one mail each. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mediaTypeOf } from '../../domain/media.ts'
import { isIgnoredFile } from '../file-names.ts'
import { readableName } from './lines.ts'
import type { LocalFiles } from './local-files.ts'
import type { SourceMail } from './mail.ts'
import { numberIn } from './order.ts'
import { readMail } from './reading.ts'

const MAIL = /\.(html?|md|markdown)$/i
/** Names of the mail in a folder of its own. */
const OWN_FOLDER_MAIL = /^(index|content|body|text|e?-?mail|message|lesson)\.(html?|md|markdown)$/i
/** The usual names of the folder with mails, if several folders have some. */
const USUAL_FOLDER =
  /^(e?-?mails?|lessons?|letters?|days|sequences?|campaigns_content|manuscript)$/i
/** Levels of subfolders to search if the given folder holds no mail itself. */
const MAX_DEPTH = 5
const { compare } = new Intl.Collator('en', { numeric: true })

interface FoundMail {
  /** The name the author knows: that of its file, or of its own folder. */
  readonly name: string
  readonly folder: string
  readonly file: string
  readonly group: number
}

interface Found {
  readonly mails: readonly FoundMail[]
  readonly notes: readonly string[]
}

export async function readFolder(
  folder: string,
  local: LocalFiles,
): Promise<{ mails: SourceMail[]; notes: readonly string[] }> {
  const found = await mailsBelow(folder, 0)
  const mails: SourceMail[] = []
  // Sequentially: a folder may hold a thousand.
  for (const { name, folder: place, file, group } of found.mails)
    mails.push({
      name,
      number: numberIn(name),
      group,
      text: await readMail(join(place, file)),
      otherwise: readableName(name),
      take: local.takeIn(place),
    })
  return { mails, notes: found.notes }
}

async function mailsBelow(folder: string, depth: number): Promise<Found> {
  const { files, folders } = await entriesIn(folder)
  const ownMails = await Promise.all(folders.map((name) => ownMail(join(folder, name), name)))
  const isOwn = (name: string) => ownMails.some((mail) => mail?.name === name)
  const names = files.filter((name) => MAIL.test(name))
  const mails = [
    ...names.map((name) => ({ name, folder, file: name, group: 0 })),
    ...ownMails.filter((mail) => mail !== null),
  ].sort((a, b) => compare(a.name, b.name))
  const notes = files
    .filter((name) => !MAIL.test(name) && !mediaTypeOf(name)?.startsWith('image/'))
    // Exports keep the same mail as plain text, too.
    .filter((name) => !names.some((mail) => stemOf(mail) === stemOf(name)))
    .map((name) => `${name} was skipped: it is not an .html or .md file`)
  if (mails.length === 0) return searchSubfolders(folder, folders, depth)
  const skipped = await Promise.all(
    folders
      .filter((name) => !isOwn(name))
      .map(async (name) => ((await holdsMail(join(folder, name))) ? [name] : [])),
  )
  return {
    mails,
    notes: [
      ...notes,
      ...skipped.flat().map((name) => `${name} was skipped: the mails beside it were imported`),
    ],
  }
}

/** Of the subfolders with mails, takes those with a usual name, or else all, one after another. */
async function searchSubfolders(
  folder: string,
  folders: readonly string[],
  depth: number,
): Promise<Found> {
  if (depth >= MAX_DEPTH) return { mails: [], notes: [] }
  const candidates: { name: string; found: Found }[] = []
  for (const name of folders) {
    const found = await mailsBelow(join(folder, name), depth + 1)
    if (found.mails.length > 0) candidates.push({ name, found })
  }
  const usual = candidates.filter(({ name }) => USUAL_FOLDER.test(name))
  const taken = usual.length > 0 ? usual : candidates
  const left = candidates.filter((candidate) => !taken.includes(candidate))
  let groups = 0
  const mails = taken.flatMap(({ found }) => {
    const first = groups
    groups += 1 + Math.max(...found.mails.map(({ group }) => group))
    return found.mails.map((mail) => ({ ...mail, group: first + mail.group }))
  })
  return {
    mails,
    notes: [
      ...taken.flatMap(({ found }) => found.notes),
      ...left.map(({ name }) => `${name} was skipped: ${taken[0]?.name} was taken`),
    ],
  }
}

/**
 * Returns the mail of a folder that holds one mail: a file called index or the like, or the only
 * mail in a numbered folder.
 */
async function ownMail(folder: string, name: string): Promise<FoundMail | null> {
  const { files } = await entriesIn(folder)
  const mails = files.filter((file) => MAIL.test(file))
  const [first] = mails
  const file =
    mails.find((mail) => OWN_FOLDER_MAIL.test(mail)) ??
    (mails.length === 1 && numberIn(name) !== null ? first : undefined)
  return file === undefined ? null : { name, folder, file, group: 0 }
}

const stemOf = (name: string) => name.replace(/\.[^.]*$/, '')

const holdsMail = async (folder: string) =>
  (await entriesIn(folder)).files.some((name) => MAIL.test(name))

async function entriesIn(folder: string) {
  const entries = (await readdir(folder, { withFileTypes: true }))
    .filter(({ name }) => !isIgnoredFile(name) && name !== 'node_modules')
    .sort((a, b) => compare(a.name, b.name))
  return {
    files: entries.filter((entry) => entry.isFile()).map(({ name }) => name),
    folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
  }
}
