/** `npm run gallery` shows every kind of mail there is. */
import { expect, it } from 'vitest'
import { KINDS } from '../src/domain/delivery.ts'
import { GALLERY_MAILS } from './support/gallery-mails.ts'

/** The same mail as the first time. */
const AGAIN = 'again'

it('the gallery shows every kind of mail', () => {
  const shown = new Set(GALLERY_MAILS.map(([, , { kind }]) => kind))
  expect(KINDS.filter((kind) => kind !== AGAIN && !shown.has(kind))).toEqual([])
  const names = GALLERY_MAILS.map(([name]) => name)
  expect(new Set(names).size).toBe(names.length)
})
