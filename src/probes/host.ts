/** The machine that we run on. */
import { statfs } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { isPublic } from '../domain/doctor/ip.ts'

/** Bytes that are free for us where a folder is, or would be. */
export async function freeBytesAt(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    const parent = dirname(folder)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error
    return freeBytesAt(parent)
  }
}

/** An address of this machine that others can reach, IPv4 before IPv6; null behind a router. */
export function publicAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const found = all.filter(({ internal, address }) => !internal && isPublic(address))
  return (found.find(({ family }) => family === 'IPv4') ?? found[0])?.address ?? null
}

export const runtime = () => ({ node: process.versions.node, tz: process.versions.tz ?? null })
