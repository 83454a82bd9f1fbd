import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '../../domain/problem.ts'

const ASSETS = fileURLToPath(new URL('../../../templates/pages/assets/', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** A file beside the pages, by name. Throws a Problem where there is none. */
export async function asset(name: string): Promise<Response> {
  const type = /^[a-z0-9-]+\.[a-z]+$/.test(name) ? TYPES[extname(name)] : undefined
  const body = type && (await readFile(join(ASSETS, name)).catch(() => null))
  if (!body) throw new Problem('not_found', 'site.not-found')
  return new Response(new Uint8Array(body), {
    headers: { 'Content-Type': type ?? '', 'Cache-Control': 'public, max-age=300' },
  })
}
