/** Begins with the files that take longest, so that none of them runs on alone at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * A fresh clone knows no durations yet; these folders hold whole browsers, programs and runs of
 * chaos.
 */
const LONGEST = [
  'test/browser/pages.test.ts',
  'test/bench/chaos.test.ts',
  'test/http/shared/scanner.test.ts',
  'test/cli/',
  'test/browser/',
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
