/** A reader with their mails, and somebody who should not have these. */
import { expect } from 'vitest'
import { CONSENT, type EnrollOptions, enrolled } from '../support/app.ts'
import { linksOf, type Mailbox, openMailbox } from '../support/mailbox.ts'
import { from, type TestWeb, testWeb } from '../support/web.ts'

export interface World extends AsyncDisposable {
  readonly web: TestWeb
  readonly mailbox: Mailbox
}

export async function openWorld(options: Parameters<typeof testWeb>[0] = {}): Promise<World> {
  const mailbox = await openMailbox()
  const web = await testWeb({ ...options, env: { SMTP_URL: mailbox.url, ...options.env } })
  return {
    web,
    mailbox,
    [Symbol.asyncDispose]: async () => {
      await web[Symbol.asyncDispose]()
      await mailbox[Symbol.asyncDispose]()
    },
  }
}

let count = 0

/**
 * A confirmed reader with a unique address, and a link to everything that mails to them give
 * access to.
 */
export async function reader(
  world: World,
  { email = `owner${++count}@example.com`, ...more }: EnrollOptions = {},
) {
  const { first, subscriber } = await enrolled(world.web, {
    email,
    series: ['inner-wisdom'],
    ...more,
  })
  return {
    email,
    id: subscriber.id,
    enrollment: first.id,
    links: linksTo(world, subscriber.id, first.id),
  }
}

export type Reader = Awaited<ReturnType<typeof reader>>

/** The links that a mail written now would contain, for an epoch. */
export function linksTo({ web }: World, subscriber: string, enrollment: string, epoch = 0) {
  const { links, now } = web.app
  const to = (
    purpose: 'preferences' | 'unsubscribe' | 'days' | 'data' | 'erase' | 'confirm',
    id: string,
  ) => links.url(purpose, { id, epoch }, now())
  return {
    preferences: to('preferences', enrollment),
    unsubscribe: to('unsubscribe', enrollment),
    days: to('days', enrollment),
    data: to('data', subscriber),
    erase: to('erase', subscriber),
    confirm: to('confirm', subscriber),
  }
}

/** The newest link of a kind that was mailed to an address. */
export function linkIn({ mailbox }: World, to: string, purpose: string): string {
  const found = mailbox
    .to(to)
    .flatMap(linksOf)
    .filter((link) => link.includes(`/${purpose}/`))
  return found.at(-1) ?? ''
}

let networks = 0
/** A network not used before, so that no other limit interferes. */
export const somewhere = () => from(`198.51.${++networks}.7`)

/** Asks for a new address by a link, and returns the link that was mailed there. */
export async function askFor(world: World, link: string, email: string): Promise<string> {
  const response = await world.web.post(link, { do: 'address', email }, somewhere())
  expect(response.status).toBe(303)
  await world.web.settle()
  return linkIn(world, email, 'address')
}

/** Moves a reader to a new address by a link, and confirms there. */
export async function moveTo(world: World, link: string, email: string): Promise<void> {
  expect((await world.web.post(await askFor(world, link, email))).status).toBe(303)
  await world.web.settle()
}

/** The preferences link that the newest mails would carry. */
export async function presentLink({ web }: World, { id, enrollment }: Reader): Promise<string> {
  const { epoch } = await subscriberOf(web, id)
  return web.app.links.url('preferences', { id: enrollment, epoch }, web.app.now())
}

export const subscriberOf = ({ db }: TestWeb, id: string) =>
  db.selectFrom('subscribers').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

export const addressOf = async ({ web }: World, { id }: Pick<Reader, 'id'>) =>
  (await subscriberOf(web, id)).address

export const status = async (response: Promise<Response>) => (await response).status

export const later = ({ web }: World, hours: number) => web.clock.set(web.app.now().add({ hours }))

export { CONSENT }
