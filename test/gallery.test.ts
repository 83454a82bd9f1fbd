/** docs/gallery shows every kind of mail there is. */
import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { KINDS } from '../src/domain/delivery.ts'

const gallery = new URL('../docs/gallery/', import.meta.url)
/** The same mail as the first time. */
const AGAIN = 'again'

it.each(KINDS.filter((kind) => kind !== AGAIN))('the gallery shows %s', async (kind) => {
  const names = await readdir(gallery)
  for (const shot of ['360-light', '360-dark', '640-light', '640-dark'])
    expect(names).toContain(`${kind}-${shot}.jpg`)
})

it('lists every picture it has, and no other', async () => {
  const pictures = (await readdir(gallery)).filter((name) => name.endsWith('.jpg'))
  const listed = [
    ...(await readFile(new URL('README.md', gallery), 'utf8')).matchAll(/src="([^"]+)"/g),
  ].map(([, name]) => name)
  expect(listed.toSorted()).toEqual(pictures.toSorted())
})
