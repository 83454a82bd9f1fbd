/** Starts with the slowest files, so that none of them runs alone at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * A fresh clone has no recorded durations yet; these use the most CPU time, by themselves or in the
 * programs and browsers that they start.
 */
const LONGEST = [
  'test/package.test.ts',
  'test/browser/languages.test.ts',
  'test/browser/pages.test.ts',
  'test/bench/chaos.test.ts',
  'test/cli/closed.test.ts',
  'test/cli/simulate.test.ts',
  'test/browser/preferences.test.ts',
  'test/actions/receiving/kill.test.ts',
  'test/actions/readers/histories.test.ts',
  'test/app/check/planted-mails.test.ts',
  'test/browser/',
  'test/cli/',
  'test/http/readers/preferences.test.ts',
  'test/actions/operating/restored.test.ts',
  'test/store/postgres/embedded.test.ts',
  'test/app/check/',
  'test/http/shared/scanner.test.ts',
]

const place = ({ moduleId }: TestSpecification) => {
  const found = LONGEST.findIndex((part) => moduleId.includes(`/${part}`))
  return found < 0 ? LONGEST.length : found
}

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byDuration = await super.sort(files)
    return byDuration.toSorted((a, b) => place(a) - place(b))
  }
}
