import type { Config } from '../platform/config.ts'
import { type RhythmOptions, rhythmFrom } from './options.ts'
import { type SimulatedMail, simulate } from './simulate.ts'

export interface CalendarOptions extends RhythmOptions {
  readonly course: string
  readonly start: Temporal.PlainDate
  readonly days: number
  readonly daily: boolean
  readonly json?: true
}

/**
 * Prints a simulation: a row a mail, or a line of JSON a mail. A bar on stderr shows how far it is.
 */
export async function calendar(
  config: Config,
  options: CalendarOptions,
  print: (text: string) => void,
  signal: AbortSignal,
) {
  const { course, start, days, daily, json } = options
  const rhythm = rhythmFrom(options)
  const bar = progressBar(days)
  if (!json)
    print(
      row({
        day: 'day',
        kind: 'kind',
        local: 'local time',
        utc: 'UTC',
        subject: 'subject',
        messageId: 'Message-ID',
      }),
    )
  const quiet = {
    ...config,
    log: { level: config.log.level === 'info' ? 'warn' : config.log.level },
  } as Config
  await simulate(
    quiet,
    { course, start, days, daily, rhythm },
    {
      mail: (mail) => {
        bar.clear()
        print(
          json
            ? JSON.stringify(mail)
            : row({
                ...mail,
                kind: mail.kind + (mail.beside ? ', inspiration' : ''),
                day: String(mail.day ?? ''),
              }),
        )
      },
      progress: bar.show,
    },
    signal,
  )
  bar.clear()
}

const row = ({
  day,
  kind,
  local,
  utc,
  subject,
  messageId,
}: Omit<SimulatedMail, 'day' | 'series' | 'beside'> & { day: string }) =>
  [
    day.padStart(4),
    kind.padEnd(19),
    local.padEnd(16),
    utc.padEnd(20),
    subject.padEnd(46),
    messageId,
  ].join('  ')

const WIDTH = 30

function progressBar(days: number) {
  const { stderr } = process
  const write = (text: string) => stderr.isTTY && stderr.write(`\r\x1b[K${text}`)
  return {
    clear: () => write(''),
    show: (done: number) => {
      const filled = Math.round((WIDTH * Math.min(done, days)) / days)
      write(
        `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} day ${Math.min(done, days)} of ${days}`,
      )
    },
  }
}
