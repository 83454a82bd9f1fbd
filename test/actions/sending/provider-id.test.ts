import { expect, it } from 'vitest'
import { testApp } from '../../support/app.ts'
import { dueLesson } from '../../support/ledger.ts'
import { openRelay } from '../../support/relay.ts'

const ID = '0102018f3b6c1e2a-5d0c1f7e-9c0f-4c1e-8c9e-0a1b2c3d4e5f-000000'

it.each([
  ['?provider=ses', ID],
  ['', null],
])(
  'the ledger keeps the provider’s ID of a mail: with SMTP_URL=…%s it is %s',
  async (setting, id) => {
    await using relay = await openRelay({
      answer: (step) => (step === 'end' ? `250 Ok ${ID}` : undefined),
    })
    const SMTP_URL = `${relay.url}${setting}`
    await using test = await testApp({ env: { SMTP_URL, MAIL_FROM: 'a@b.example' } })
    await dueLesson(test)
    await test.settle()
    const sent = await test.db
      .selectFrom('deliveries')
      .select(['status', 'provider_id'])
      .where('kind', '=', 'lesson')
      .orderBy('id')
      .execute()
    expect(sent).toEqual([{ status: 'sent', provider_id: id }])
  },
)
