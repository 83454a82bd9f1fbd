/** The shapes of complaints, and the plainest shapes of bounces. */
import { mail, multipart, OURS, part, textMail } from './shapes.ts'

/** A complaint (RFC 5965). */
export const arf = (
  type: string,
  fields = '',
  from = 'Feedback <feedback@arf.provider.example>',
  ours = OURS,
) =>
  mail(
    { subject: 'FW: Day 7', from },
    multipart(
      'report; report-type=feedback-report',
      part('This is an email abuse report for an email message received on Mon, 30 Nov 2026.\n'),
      `Content-Type: message/feedback-report\n\nFeedback-Type: ${type}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nArrival-Date: Mon, 30 Nov 2026 06:00:00 GMT\nSource-IP: 198.51.100.7\n${fields}`,
      `Content-Type: message/rfc822\nContent-Disposition: inline\n\n${ours}`,
    ),
  )

/** A delivery report with these parts. */
export const report = (from: string, subject: string, ...parts: string[]) =>
  mail({ from, subject }, multipart('report; report-type=delivery-status', ...parts))

/** A report in words alone. */
export const server = (from: string, subject: string, text: string) =>
  textMail({ from, subject }, text)
