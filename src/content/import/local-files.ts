/** Pictures and files next to mails, which are copied into the course. */
import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { mediaTypeOf } from '../../domain/media.ts'
import { slugOf } from './lines.ts'

/** A file of the course: its name there, and its path or content. */
export interface CopiedFile {
  readonly name: string
  readonly from: string | Uint8Array
}

type Kind = 'image' | 'link'

/** Resolves a reference in a mail: its name in the course, or null if it cannot be copied. */
export type CopyFile = (reference: string, kind: Kind) => string | null

export type LocalFiles = ReturnType<typeof openLocalFiles>

const MEGABYTE = 1_000_000
/** The limits of a course; see content/media.ts. */
const MAX_BYTES = { image: 20 * MEGABYTE, link: 10 * MEGABYTE }

/**
 * Opens the files of a source folder. Pictures are often in a folder next to that of the mails:
 * files are found below its parent and nowhere else, whatever a mail says.
 */
export function openLocalFiles(root: string) {
  const parent = realpathSync(dirname(realpathSync(root)))
  const brought = new Map<string, CopiedFile>()
  const looked = new Map<string, string | null>()
  const names = new Set<string>()

  const nameFor = (base: string, ending: string) => {
    const stem = slugOf(base.replace(/\.[^.]*$/, '')) || 'picture'
    let name = `${stem}.${ending}`
    for (let number = 2; names.has(name); number += 1) name = `${stem}-${number}.${ending}`
    names.add(name)
    return name
  }
  const keep = (key: string, base: string, from: CopiedFile['from'], ending: string) => {
    const known = brought.get(key)
    if (known) return known.name
    const name = nameFor(base, ending)
    brought.set(key, { name, from })
    return name
  }
  const takeData = (reference: string) => {
    const [, data] = /^data:image\/[\w.+-]+;base64,([\w+/=\s]+)$/i.exec(reference) ?? []
    if (data === undefined) return null
    const bytes = Buffer.from(data, 'base64')
    const ending = pictureEnding(bytes)
    return ending && bytes.length <= MAX_BYTES.image
      ? keep(reference, 'picture', bytes, ending)
      : null
  }

  return {
    /** All files taken. */
    brought: () => [...brought.values()],
    /** Returns a CopyFile for the mails of one folder. */
    takeIn:
      (folder: string): CopyFile =>
      (reference, kind) => {
        if (/^data:/i.test(reference)) return kind === 'image' ? takeData(reference) : null
        const path = pathIn(reference)
        if (!path) return null
        const key = `${folder}\0${path}`
        const found = looked.has(key) ? looked.get(key) : find(path, { folder, root, parent })
        looked.set(key, found ?? null)
        if (!found) return null
        const { size } = statSync(found)
        if (size > MAX_BYTES[kind]) return null
        const ending = kind === 'image' ? pictureEnding(beginning(found)) : linkEnding(found)
        return ending ? keep(found, basename(found), found, ending) : null
      },
  }
}

/** Returns the path in a reference, without what other systems put before and after it. */
function pathIn(reference: string): string | null {
  const bare = reference
    .trim()
    .replace(/^(\{\{[^}]*\}\}|\*\|[^|]*\|\*|%7B%7B.*?%7D%7D|%[A-Z_]+%)/i, '')
    .replace(/[?#].*$/, '')
    .replaceAll('\\', '/')
    .replace(/^\/+/, '')
  if (!bare || /^[a-z][a-z0-9+.-]*:/i.test(bare) || bare.includes('\0')) return null
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

interface Places {
  readonly folder: string
  readonly root: string
  readonly parent: string
}

function find(path: string, { folder, root, parent }: Places): string | null {
  const places = [...new Set([folder, dirname(folder), root, parent])]
  const beside = places.map((place) => join(place, path))
  return (
    firstFile(beside, parent) ??
    firstFile(
      places.flatMap(foldersIn).map((base) => join(base, path)),
      parent,
    )
  )
}

const foldersIn = (place: string) =>
  readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(place, name))

function firstFile(paths: readonly string[], parent: string): string | null {
  for (const path of paths) {
    const real = fileAt(path)
    if (!real) continue
    // Nothing outside the parent, and nothing hidden.
    if (
      !relative(parent, real)
        .split(sep)
        .some((part) => part.startsWith('.'))
    )
      return real
  }
  return null
}

function fileAt(path: string): string | null {
  try {
    return statSync(path).isFile() ? realpathSync(path) : null
  } catch {
    return null
  }
}

function beginning(path: string): Uint8Array {
  const bytes = Buffer.alloc(8)
  const file = openSync(path, 'r')
  try {
    readSync(file, bytes, 0, bytes.length, 0)
    return bytes
  } finally {
    closeSync(file)
  }
}

/** Determined by the first bytes, since the extension may be wrong. */
function pictureEnding(bytes: Uint8Array): string | null {
  const hex = Buffer.from(bytes.subarray(0, 4)).toString('hex')
  if (hex === '89504e47') return 'png'
  if (hex.startsWith('ffd8ff')) return 'jpg'
  return hex === '47494638' ? 'gif' : null
}

const linkEnding = (path: string) =>
  mediaTypeOf(basename(path)) ? path.slice(path.lastIndexOf('.') + 1).toLowerCase() : null
