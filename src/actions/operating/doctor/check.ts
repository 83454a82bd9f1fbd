/** Runs checks together, each with a time limit: one that fails is a finding, and ends no other. */

import { NoAnswerError } from '../../../domain/doctor/dns.ts'
import {
  type DoctorFinding,
  error,
  GROUPS,
  type Group,
  warning,
} from '../../../domain/doctor/finding.ts'
import { messageOf, Problem } from '../../../domain/problem.ts'
import { withoutAddresses } from '../../../domain/smtp-reply.ts'
import { SECOND } from '../../../domain/time.ts'

export interface Check {
  readonly group: Group
  /** What is checked, as worded when it cannot be: `the SPF record of example.org`. */
  readonly what: string
  readonly run: () => Promise<readonly DoctorFinding[]>
}

/** Longer than any wait within a check. */
const CHECK_TIMEOUT_MS = 12 * SECOND

/** Returns findings in the order of the groups, and of the checks within one. Never rejects. */
export async function runChecks(
  checks: readonly Check[],
  only: readonly Group[] = GROUPS,
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<DoctorFinding[]> {
  const wanted = checks.filter(({ group }) => only.includes(group))
  const found = (await Promise.all(wanted.map((check) => runWithTimeout(check, timeoutMs)))).flat()
  return found.toSorted((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group))
}

async function runWithTimeout(check: Check, timeoutMs: number): Promise<readonly DoctorFinding[]> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new NoAnswerError(`no answer for ${timeoutMs / SECOND} seconds`)),
    timeoutMs,
  )
  try {
    return await Promise.race([check.run(), late.promise])
  } catch (thrown) {
    return [uncheckedFinding(check, thrown)]
  } finally {
    clearTimeout(timer)
  }
}

function uncheckedFinding({ group, what }: Check, thrown: unknown): DoctorFinding {
  const words = withoutAddresses(messageOf(thrown)).replace(/\s+/g, ' ').replace(/\.$/, '')
  // A Problem has words for people, and is not a failure of the check itself.
  if (thrown instanceof Problem)
    return error(`${group}.unavailable`, `${words}.`, { subject: what })
  return warning(`${group}.unchecked`, `${what} could not be checked: ${words}.`, {
    subject: what,
    fix: 'Run this again; if it fails again, check the network in between.',
  })
}
