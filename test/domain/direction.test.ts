import { expect, it } from 'vitest'
import { directionOf } from '../../src/domain/direction.ts'

it.each([
  'he',
  'ar',
  'fa',
  'ur',
  'yi',
  'iw',
  'ckb',
  'ps',
  'dv',
  'ar-EG',
  'az-Arab',
  'pa-PK',
  'ff-Adlm',
  'en-Hebr',
])('%s runs from the right', (language) => {
  expect(directionOf(language)).toEqual({ direction: 'rtl', start: 'right', end: 'left' })
})

it.each(['en', 'de-AT', 'az', 'he-Latn', 'ar-Latn-EG', 'pa', 'zh-Hant', 'und', 'no tag', ''])(
  '%s runs from the left',
  (language) => {
    expect(directionOf(language)).toEqual({ direction: 'ltr', start: 'left', end: 'right' })
  },
)
