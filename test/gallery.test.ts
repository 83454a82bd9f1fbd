/** `npm run gallery` shows every kind of mail. */
import { expect, it } from 'vitest'
import { DELIVERY_KINDS } from '../src/domain/delivery.ts'
import { commentMails } from '../src/store/index.ts'
import { GALLERY_COMMENT_MAILS, GALLERY_MAILS } from './support/gallery-mails.ts'

/** A resent mail, equal to the first. */
const AGAIN = 'again'

it('the gallery shows every kind of mail', () => {
  const shown = new Set(GALLERY_MAILS.map(([, , { kind }]) => kind))
  expect(DELIVERY_KINDS.filter((kind) => kind !== AGAIN && !shown.has(kind))).toEqual([])
  const about = GALLERY_COMMENT_MAILS.map(([, , { kind }]) => kind)
  expect(about).toEqual(commentMails.KINDS)
  const names = [...GALLERY_MAILS, ...GALLERY_COMMENT_MAILS].map(([name]) => name)
  expect(new Set(names).size).toBe(names.length)
})
