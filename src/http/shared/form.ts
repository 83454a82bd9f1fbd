/**
 * The only place where request bodies are read: limited in bytes, fields and field length, and
 * parsed once, before any route runs. Routes get the result from `formOf`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { Problem } from '../../domain/problem.ts'
import { SECOND } from '../../domain/time.ts'

/** Largest form body that is read. */
export const MAX_BODY_BYTES = 64 * 1024
/** Our largest form has about twenty fields, including one per weekday. */
export const MAX_FIELDS = 48
/** In UTF-16 units; a proof-of-work solution has 700. */
export const MAX_FIELD_LENGTH = 2_000
/**
 * How much of the rest of an oversized body is read and discarded, so that its sender gets to see
 * the response.
 */
export const LINGER_BYTES = 1024 * 1024
const LINGER_MS = SECOND

/** Each field's value, or a list of them. Files are left out: none of our forms takes one. */
export type Form = Readonly<Record<string, string | readonly string[]>>

declare module 'hono' {
  interface ContextVariableMap {
    /** The whole body, or why it was not read in full. */
    body: Uint8Array | Problem
    /** The submitted form, or what is wrong with it. */
    form: Form | Problem
  }
}

/**
 * Returns the submitted form, without fields if there is none. Throws a Problem if it cannot be
 * read.
 */
export function formOf(c: Context): Form {
  const form = c.get('form')
  if (form instanceof Problem) throw form
  return form
}

/**
 * The same for a request that counts whatever its body looks like: a provider's one-click POST
 * (standards.md A5, A6, A9).
 */
export function formOrEmpty(c: Context): Form {
  const form = c.get('form')
  return form instanceof Problem ? {} : form
}

/**
 * Reads the body of every request, whatever its method, up to `most` bytes. Once a body is too
 * large, no more of it is kept, and the connection is closed after the response.
 */
export const boundedBodies =
  (most: (c: Context) => number = () => MAX_BODY_BYTES): MiddlewareHandler =>
  async (c, next) => {
    const chunks = chunksOf(c)
    const bytes = chunks ? await readBounded(c, chunks, most(c)) : new Uint8Array()
    c.set('body', bytes)
    await next()
    if (chunks && bytes instanceof Problem) c.res = await closing(c.res, chunks)
  }

export interface FormRules {
  /** Requests that count whatever they carry. */
  readonly countsAnyhow: (c: Context) => boolean
  /** Maximum length of a field in UTF-16 units. */
  readonly longest?: (c: Context) => number
}

/** Parses the body into a form. Refuses one that is too large with 413, unless `countsAnyhow`. */
export function parsedForms({
  countsAnyhow,
  longest = () => MAX_FIELD_LENGTH,
}: FormRules): MiddlewareHandler {
  return async (c, next) => {
    const body = c.get('body')
    const type = c.req.header('content-type') ?? ''
    const form = body instanceof Problem ? body : await parse(body, { type, longest: longest(c) })
    if (form instanceof Problem && form.code === 'too_large' && !countsAnyhow(c)) throw form
    c.set('form', form)
    await next()
  }
}

type Chunks = AsyncIterator<Uint8Array>

/**
 * Returns the body as it comes from the socket, including that of a GET, which `Request` does not
 * expose. Everything that has arrived when it is read is one chunk, since a client may send each
 * byte as a chunk.
 */
function chunksOf(c: Context): Chunks | null {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  if (!incoming) return c.req.raw.body?.values({ preventCancel: true }) ?? null
  const { 'content-length': length = '0', 'transfer-encoding': chunked } = incoming.headers
  if (length === '0' && chunked === undefined) return null
  return incoming.iterator({ destroyOnReturn: false })
}

/** Returns the whole body, or what is wrong with it; reads at most one chunk beyond the limit. */
async function readBounded(
  c: Context,
  chunks: Chunks,
  most: number,
): Promise<Uint8Array | Problem> {
  if (Number(c.req.header('content-length') ?? 0) > most)
    return new Problem('too_large', 'form.too-large')
  const read: Uint8Array[] = []
  let size = 0
  try {
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      size += next.value.byteLength
      if (size > most) return new Problem('too_large', 'form.too-large')
      read.push(next.value)
    }
  } catch (cause) {
    // The sender has gone: not our failure, and nobody is left to respond to.
    return new Problem('invalid', 'form.incomplete', { cause })
  }
  return Buffer.concat(read)
}

/**
 * Returns the same response, closing the connection after it. What is still arriving is discarded
 * for a moment first: closing a socket with unread bytes resets the connection, and the response
 * may be lost with it (RFC 9112, 9.6).
 */
async function closing(answer: Response, chunks: Chunks): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const headers = new Headers(answer.headers)
  headers.set('Connection', 'close')
  headers.set('Content-Length', String(bytes.byteLength))
  const body = new ReadableStream({
    start: (stream) => stream.enqueue(bytes),
    pull: async (stream) => {
      await discard(chunks)
      stream.close()
    },
  })
  return new Response(body, { status: answer.status, headers })
}

async function discard(chunks: Chunks): Promise<void> {
  const late = pause(LINGER_MS, { done: true, value: undefined }, { ref: false })
  const gone = () => late
  for (let left = LINGER_BYTES; left > 0; ) {
    const { done, value } = await Promise.race([chunks.next().catch(gone), late])
    if (done) return
    left -= value?.byteLength ?? 0
  }
}

interface Reading {
  readonly type: string
  readonly longest: number
}

/** Counts fields before parsing. Any other media type yields no fields. */
async function parse(bytes: Uint8Array, { type, longest }: Reading): Promise<Form | Problem> {
  const media = type.slice(0, 200).split(';')[0]?.trim().toLowerCase()
  if (media === 'application/x-www-form-urlencoded') return parseUrlencoded(bytes, longest)
  if (media === 'multipart/form-data') return parseMultipart(bytes, { type, longest })
  return {}
}

function parseUrlencoded(bytes: Uint8Array, longest: number): Form | Problem {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  if (occurrences(text, '&') >= MAX_FIELDS)
    return new Problem('too_large', 'form.too-many-fields', { params: { most: MAX_FIELDS } })
  return fieldsOf(new URLSearchParams(text), longest)
}

async function parseMultipart(
  bytes: Uint8Array,
  { type, longest }: Reading,
): Promise<Form | Problem> {
  const [, quoted, bare] =
    /;\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))/i.exec(type.slice(0, 200)) ?? []
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (occurrences(text, `--${quoted ?? bare ?? ''}`) > MAX_FIELDS + 1)
    return new Problem('too_large', 'form.too-many-fields', { params: { most: MAX_FIELDS } })
  try {
    const body = new Response(Buffer.from(bytes), { headers: { 'Content-Type': type } })
    return fieldsOf(await body.formData(), longest)
  } catch (cause) {
    return new Problem('invalid', 'form.incomplete', { cause })
  }
}

function fieldsOf(pairs: Iterable<[string, unknown]>, longest: number): Form | Problem {
  // Without a prototype: a field may have any name.
  const form: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of pairs) {
    if (typeof value !== 'string') continue
    if (name.length > MAX_FIELD_LENGTH || value.length > longest)
      return new Problem('too_large', 'form.field-too-long', { params: { most: longest } })
    const before = form[name]
    form[name] = before === undefined ? value : [before, value].flat()
  }
  return form
}

function occurrences(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}
