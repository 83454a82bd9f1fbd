/** Steps shared by many scenarios. */
import { DUE_AT, type Stage } from './stage.ts'

export const begin = (stage: Stage) => stage.setClock(DUE_AT)

export const reached = (stage: Stage, share: number) =>
  stage.until(
    `${share * 100} % of the mails`,
    () => stage.recorder.count() >= share * stage.terms.due,
  )

/** Cuts every `every`-th connection, so that the worker cannot know whether the mail was taken. */
export const cutEvery =
  <How>(stage: Stage, every: number, how: How) =>
  ({ nth }: { readonly nth: number }): How | undefined => {
    if (nth % every !== 0) return undefined
    stage.cuts += 1
    return how
  }
