/**
 * The hand-built way, as tutorials teach it: one BullMQ job per mail, with the template filled and
 * MJML rendered in every job, and nodemailer's pool to send. The same lesson, the same headers.
 *
 * Usage: tutorial.ts <redis url> <smtp port> <mails>. Prints the milliseconds from the first job
 * added to the last mail accepted.
 */
import { randomBytes } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import Handlebars from 'handlebars'
import { Redis } from 'ioredis'
import mjml2html from 'mjml'
import { createTransport } from 'nodemailer'
import { layoutOf } from '../../src/mail/render/compile.ts'
import { loadTemplates } from '../../src/mail/render/templates.ts'
import { LETTERHEAD, ROOT, readerNumber, sampleCourse, sampleLesson } from '../lesson.ts'

const [redisUrl = '', port = '', mails = ''] = process.argv.slice(2)
const total = Number(mails)
const series = await sampleCourse()
const lesson = sampleLesson(series)
const templates = await loadTemplates(`${ROOT}templates/mail`)
const layout = layoutOf({ kind: 'lesson', series, lesson, companion: null }, templates, LETTERHEAD)
const source = layout.fill(layout.mjml)
const text = Handlebars.compile(layout.text, { noEscape: true })

const connection = new Redis(redisUrl, { maxRetriesPerRequest: null })
const name = `tutorial-${randomBytes(4).toString('hex')}`
const queue = new Queue<{ n: number }>(name, { connection })
const transport = createTransport({
  host: '127.0.0.1',
  port: Number(port),
  pool: true,
  maxConnections: 10,
  ignoreTLS: true,
})

const done = Promise.withResolvers<void>()
let sent = 0
const begun = performance.now()
for (let n = 0; n < total; n++)
  await queue.add('mail', { n }, { removeOnComplete: true, removeOnFail: true })
const worker = new Worker<{ n: number }>(
  name,
  async ({ data: { n } }) => {
    const reader = readerNumber(n)
    const { html } = await mjml2html(Handlebars.compile(source)(reader))
    await transport.sendMail({
      from: 'Dawnpost <morning@dawnpost.example>',
      to: { name: reader.firstName, address: reader.address },
      subject: lesson.subject,
      html,
      text: text(reader),
      headers: {
        'List-Unsubscribe': `<${reader.unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    })
    sent += 1
    if (sent === total) done.resolve()
  },
  { connection, concurrency: 10 },
)
worker.on('failed', (_job, error) => done.reject(error))
await done.promise
process.stdout.write(`${performance.now() - begun}\n`)
await worker.close()
await queue.obliterate({ force: true })
await queue.close()
transport.close()
connection.disconnect()
