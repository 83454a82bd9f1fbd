/** Moderation on the command line. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { memberNamed, SLUG, seenBy, siteWith, write } from '../support/comments.ts'
import { command } from '../support/program.ts'

let test: TestApp
let url = ''
beforeAll(async () => {
  test = await testApp({
    site: siteWith(),
    through: async (given) => {
      url = given
      return given
    },
  })
})
afterAll(() => test?.[Symbol.asyncDispose]())

const settings = () => ({
  DATABASE_URL: url,
  REDIS_URL: inject('redisUrl'),
  SECRET_KEY: 'a key for tests and for nothing else',
  POSTAL_ADDRESS: '1 Test Lane, Testville',
})
const comments = (...args: string[]) => command(['comments', ...args], settings())

describe('dawnpost comments', () => {
  it('lists waiting comments, shows one, approves and rejects', async () => {
    expect((await comments('list')).stdout).toBe('No comments are waiting.\n')
    const ada = await memberNamed(test, 'Ada')
    const one = await write(test, ada, 'First\nof all')
    const two = await write(test, ada, 'Second')
    const status = (...more: string[]) => command(['status', ...more], settings())
    expect((await status()).stdout).toContain(
      'Comments     2 wait for a moderator, since 2027-03-19T12:00:00Z: see dawnpost comments list\n',
    )
    const { comments: waiting } = JSON.parse((await status('--json')).stdout)
    expect(waiting).toEqual({ waiting: 2, since: '2027-03-19T12:00:00Z' })
    const listed = await comments('list')
    expect(listed.stdout).toContain(`${one.id}  2027-03-19  ${SLUG}  Ada  (waiting: first)`)
    expect(listed.stdout).toContain('    First of all')
    expect((await comments('list', '--article', 'another')).stdout).toBe(
      'No comments are waiting.\n',
    )
    expect(JSON.parse((await comments('list', '--json')).stdout)).toHaveLength(2)
    const approved = await comments('approve', one.id)
    expect(approved).toMatchObject({ code: 0, stdout: `${one.id}  published\n` })
    expect((await comments('approve', one.id)).stdout).toBe(`${one.id}  was already published\n`)
    const rejected = await comments('reject', two.id, '--reason', 'off the point')
    expect(rejected).toMatchObject({ code: 0, stdout: `${two.id}  rejected\n` })
    expect(await seenBy(test, null)).toEqual(['Ada First\nof all published'])
    const { stdout } = await comments('show', two.id)
    for (const part of ['Ada', 'rejected', 'Second', 'reject by command line: off the point'])
      expect(stdout).toContain(part)
    expect((await comments('list', '--all')).stdout).toContain('(rejected)')
  })

  it('blocks by comment or address, and unblocks', async () => {
    const ada = await memberNamed(test, 'Bea')
    const { id } = await write(test, ada, 'Waits')
    expect((await comments('block', id)).stdout).toBe('Blocked.\n')
    expect(await test.app.comments.inspectComment(id)).toMatchObject({
      comment: { status: 'rejected' },
    })
    expect((await comments('block', ada.email)).stdout).toBe('Was already blocked.\n')
    expect((await comments('unblock', ada.id)).stdout).toBe('They can comment again.\n')
    expect((await comments('unblock', ada.id)).stdout).toBe('Was not blocked.\n')
    await write(test, ada, 'Again')
  })

  it.each([
    [['approve', 'x'], 2, '"x" is not the ID of a comment.'],
    [['show', 'x'], 1, 'There is no comment x.'],
    [['block', 'nobody@example.com'], 1, 'There is no such member'],
    [['list', '--all', '--waiting'], 2, 'Use either --waiting or --all'],
    [['approve'], 2, 'missing required argument'],
  ] as const)('says what is wrong with %j', async (args, code, words) => {
    const ended = await comments(...args)
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(words)])
  })

  it('exits with 1 when one of several comments does not exist', async () => {
    const { id } = await write(test, await memberNamed(test, 'Cleo'), 'Here')
    const none = '00000000-0000-7000-8000-000000000000'
    const ended = await comments('approve', none, id)
    expect(ended).toMatchObject({ code: 1, stdout: `${none}  not found\n${id}  published\n` })
  })
})
