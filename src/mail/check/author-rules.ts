/**
 * Rules about choices an author may want to reconsider: nothing is broken, but some readers are
 * served worse.
 */
import type { Rule, Spot } from '../../domain/finding.ts'
import { spotIn } from './client-rules.ts'
import type { Rendering } from './rendering.ts'

/** More columns than this do not fit side by side on a phone and are scrolled. */
const MAX_COLUMNS = 5

function* wideTable(mail: Rendering): Generator<Spot> {
  const { page } = mail
  for (const table of page('.prose table:not([role])').toArray()) {
    const head = page(table).find('tr').first().children()
    if (head.length <= MAX_COLUMNS) continue
    const name = head.first().text().trim()
    yield spotIn(
      mail,
      `the table that starts with "${name}" has ${head.length} columns and has to be scrolled on a phone; keep it to ${MAX_COLUMNS}, or make it a list`,
    )
  }
}

/** Typical of advertising; rspamd counts a point (SUBJECT_ENDS_QUESTION), SpamAssassin 4 none. */
function* questionSubject(mail: Rendering): Generator<Spot> {
  if (/[?？؟]\s*$/.test(mail.sample.subject))
    yield spotIn(
      mail,
      `its subject "${mail.sample.subject}" ends in a question mark, which spam filters score against; rephrase it`,
    )
}

export const AUTHOR_RULES: readonly Rule<Rendering>[] = [
  { name: 'wide-table', severity: 'warning', find: wideTable },
  { name: 'question-subject', severity: 'warning', find: questionSubject },
]
