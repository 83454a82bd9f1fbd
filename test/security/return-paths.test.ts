import { describe, expect, it } from 'vitest'
import { itemMarkOf, openReturnPaths } from '../../src/security/return-paths.ts'
import { openSecrets } from '../../src/security/secrets.ts'

const [OLD, NEW] = ['a key for tests and for nothing else', 'another key for tests and for nothing']
const paths = openReturnPaths(openSecrets([OLD]))
const MAIL = {
  enrollmentId: '0198d1c2-1111-7222-8333-444455556666',
  kind: 'lesson',
  item: '07-the-kettle',
}
const path = paths.ofEnrollment(MAIL)

describe('a return path', () => {
  it('is lowercase, fits into a local part, and is the same for the same mail', () => {
    expect(path).toMatch(/^b\+[a-z2-7]+$/)
    expect(path.length).toBeLessThanOrEqual(64)
    expect(paths.ofEnrollment(MAIL)).toBe(path)
    expect(paths.ofEnrollment({ ...MAIL, item: '08' })).not.toBe(path)
  })

  it('identifies its mail, in whatever case it comes back', () => {
    const wanted = {
      of: 'enrollment',
      enrollmentId: MAIL.enrollmentId,
      mark: itemMarkOf(MAIL),
    }
    expect(paths.read(path)).toEqual(wanted)
    expect(paths.read(path.toUpperCase())).toEqual(wanted)
    const id = MAIL.enrollmentId
    expect(paths.read(paths.ofCommentMail(id))).toEqual({ of: 'comment mail', id })
  })

  it('survives a key rotation, and is invalid with another key', () => {
    const later = openReturnPaths(openSecrets([NEW, OLD]))
    expect(later.read(path)).toEqual(paths.read(path))
    expect(openReturnPaths(openSecrets([NEW])).read(path)).toBeNull()
  })

  it('is refused when any part of it is changed', () => {
    for (let at = 0; at < path.length; at++)
      for (const letter of ['a', '7', '+', 'é']) {
        const other = path.slice(0, at) + letter + path.slice(at + 1)
        if (other !== path) expect(paths.read(other), other).toBeNull()
      }
    for (const none of ['', 'b+', path.slice(2), `${path}a`, path.slice(0, -1), `${path}\n`])
      expect(paths.read(none), none).toBeNull()
  })
})
