/** Unpacks a report's file: gzip, a zip with one file, or not packed. Sizes are limited. */
import { promisify } from 'node:util'
import { gunzip, inflateRaw } from 'node:zlib'

/** Maximum bytes of a file as received; larger files are ignored. */
const MAX_PACKED_BYTES = 2 * 1024 * 1024
/** Maximum bytes unpacked: the content is parsed in one go, which blocks everything else. */
const MAX_UNPACKED_BYTES = 2 * 1024 * 1024

const gunzipped = promisify(gunzip)
const inflated = promisify(inflateRaw)

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const STORED = 0
const DEFLATED = 8
/** A comment may follow the end of an archive. */
const MAX_COMMENT_BYTES = 0xffff

/** Returns the file's text, in UTF-8; null if it is broken, or too large packed or unpacked. */
export async function unpackedText(file: Uint8Array): Promise<string | null> {
  const bytes = await unpack(file)
  return bytes && bytes.length <= MAX_UNPACKED_BYTES ? new TextDecoder('utf-8').decode(bytes) : null
}

async function unpack(bytes: Uint8Array): Promise<Uint8Array | null> {
  if (bytes.length > MAX_PACKED_BYTES) return null
  const limit = { maxOutputLength: MAX_UNPACKED_BYTES }
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return await gunzipped(bytes, limit)
    if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return bytes
    const entry = firstEntry(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    if (entry?.method === STORED) return entry.data
    return entry?.method === DEFLATED ? await inflated(entry.data, limit) : null
  } catch {
    return null
  }
}

/** Returns an archive's only file, null if it has more. Its directory has the sizes. */
function firstEntry(zip: Buffer): { method: number; data: Buffer } | null {
  const end = endOf(zip)
  if (end === null || zip.readUInt16LE(end + 10) !== 1) return null
  const entry = zip.readUInt32LE(end + 16)
  if (zip.readUInt32LE(entry) !== ENTRY) return null
  const method = zip.readUInt16LE(entry + 10)
  const size = zip.readUInt32LE(entry + 20)
  const local = zip.readUInt32LE(entry + 42)
  if (zip.readUInt32LE(local) !== LOCAL) return null
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  return { method, data: zip.subarray(start, start + size) }
}

function endOf(zip: Buffer): number | null {
  const first = Math.max(0, zip.length - 22 - MAX_COMMENT_BYTES)
  for (let at = zip.length - 22; at >= first; at--) if (zip.readUInt32LE(at) === END) return at
  return null
}
