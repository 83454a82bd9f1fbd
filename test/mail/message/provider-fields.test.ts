import { expect, it } from 'vitest'
import { withProviderFields } from '../../../src/mail/message/provider-fields.ts'

const ID = '0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example'
const messageOf = (id: string) =>
  [Buffer.from(`From: a@b.example\r\nMessage-ID: <${id}>\r\n\r\n`), Buffer.from('Hello')] as const
const sent = async (provider: 'postmark' | 'brevo', id = ID) =>
  Buffer.concat(await (withProviderFields(provider, null) ?? (() => []))(messageOf(id))).toString()

it('Postmark is told to keep our Message-ID and to return it', async () => {
  expect(await sent('postmark')).toBe(
    `X-PM-KeepID: true\r\nX-PM-Metadata-dawnpost: ${ID}\r\n${Buffer.concat(messageOf(ID))}`,
  )
})

it('Postmark is not told to return a Message-ID that is too long', async () => {
  const message = await sent('postmark', `${'0'.repeat(32)}@${'a'.repeat(50)}.example`)
  expect(message).toMatch(/^X-PM-KeepID: true\r\nFrom: /)
})

it('Brevo is told to return our Message-ID', async () => {
  expect(await sent('brevo')).toMatch(`X-Mailin-custom: ${ID}\r\nFrom: `)
})

it('the added fields are signed with the rest, and other providers get none', async () => {
  const sign = async ([header]: readonly Buffer[]) => [Buffer.from(`signed ${header}`)] as never
  const signer = withProviderFields('brevo', sign)
  expect(String((await signer?.(messageOf(ID)))?.[0])).toMatch(/^signed X-Mailin-custom: /)
  expect(withProviderFields('ses', sign)).toBe(sign)
  expect(withProviderFields(null, null)).toBeNull()
})
