/** Separates a report's own words from the copy of our mail that follows them. */

/** How servers announce the copy: a line that contains one of these, in lower case. */
const ANNOUNCED = [
  'below this line is a copy of the message',
  'this is a copy of the message, including all the headers',
  'this is a copy of your message',
  'a copy of your message follows',
  'a copy of the message follows',
  'the header of the original message',
  'header of the original message',
  'headers of the original message',
  'message header follows',
  'message headers follow',
  'header information follows',
  'original message follows',
  'original message headers',
  'original message header',
  '--original message--',
  '-original message-',
  '----- original message -----',
  'original message attached',
  'original mail follows',
  'original text of message',
  'returned message follows',
  'returned mail follows',
  'returned message --',
  'unsent message below',
  'unsent message follows',
  'undelivered message follows',
  'undeliverable message follows',
  'text of your message follows',
  'text of message follows',
  'message text follows',
  'the text of the message',
  'your message follows',
  'your original message',
  'your mail follows',
  'message follows:',
  'message contents follow',
  'contents of your message',
  'content of your message',
  'first 20 lines',
  'the first part of your message',
  'the body of the message',
  'rejected message follows',
  'failed message follows',
  'bounced message follows',
  'start of original',
  'begin of original',
  'begin message',
  'message header:',
  'original headers',
  'kopf der original',
  'ursprüngliche nachricht',
  'originalnachricht',
  'en-têtes de message',
  "message d'origine",
  'message original',
  'mensagem original',
  'mensaje original',
  'messaggio originale',
  'заголовки',
  'исходное сообщение',
  'исходное письмо',
  'текст письма',
  '元のメッセージ',
  '元のメール',
  '以下原',
  '原始邮件',
  '原邮件',
  '原始郵件',
  '원본 메시지',
  '원본메일',
] as const

/** Wording that leaves no doubt that a copy follows. */
const PLAIN = /below this line|follows?\b|following\.|^\s*-{3,}|-{3,}\s*$/

/** A header field. Four of them within a few lines mark the beginning of a mail. */
const HEADER =
  /^[>|\s]{0,4}(?:return-path|received|message-id|date|from|to|subject|reply-to|mime-version|content-type|content-transfer-encoding|dkim-signature|list-unsubscribe|precedence|x-mailer|user-agent|sender|authentication-results|feedback-id|auto-submitted)\s*:/i
const SURE = /^[>|\s]{0,4}(?:received|message-id|mime-version|return-path|dkim-signature)\s*:/i
const LOOKAHEAD_LINES = 12

export interface Split {
  /** What the server says. */
  readonly said: string
  /** Our mail, or '' if there is no copy. */
  readonly copy: string
}

/** Splits a text into both. Without a mark, all of it is the server's. */
export function splitCopy(text: string): Split {
  const lines = text.split('\n').slice(0, 5_000)
  const starts = copyStart(lines)
  if (starts === null) return { said: lines.join('\n'), copy: '' }
  const [end, start] = starts
  return { said: lines.slice(0, end).join('\n'), copy: lines.slice(start).join('\n') }
}

function copyStart(lines: readonly string[]): readonly [end: number, start: number] | null {
  for (const [index, line] of lines.entries()) {
    const small = line.slice(0, 200).toLowerCase()
    const isAnnounced = index > 0 && ANNOUNCED.some((mark) => small.includes(mark))
    if (isAnnounced && (PLAIN.test(small) || hasHeadersSoon(lines, index + 1)))
      return [index, firstHeader(lines, index + 1)]
    if (HEADER.test(line) && isHeaderBlock(lines, index)) return [index, index]
  }
  return null
}

const firstHeader = (lines: readonly string[], from: number) => {
  const found = lines.slice(from, from + LOOKAHEAD_LINES).findIndex((line) => HEADER.test(line))
  return found < 0 ? from : from + found
}

const hasHeadersSoon = (lines: readonly string[], from: number) =>
  lines.slice(from, from + LOOKAHEAD_LINES).filter((line) => HEADER.test(line)).length > 0

function isHeaderBlock(lines: readonly string[], from: number): boolean {
  const next = lines.slice(from, from + LOOKAHEAD_LINES)
  const end = next.findIndex((line) => line.trim() === '')
  const block = end < 0 ? next : next.slice(0, end)
  return (
    block.filter((line) => HEADER.test(line)).length >= 3 && block.some((line) => SURE.test(line))
  )
}
