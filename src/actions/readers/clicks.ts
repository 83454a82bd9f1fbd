/** Counts which links of lessons a reader follows, if they agree. */
import { countedLinksIn } from '../../domain/counted-links.ts'
import { countsClicks, type Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import type { ClickTokens } from '../../security/click-tokens.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly clickTokens: ClickTokens
  readonly stores: Pick<typeof stores, 'clicks' | 'consents' | 'editions'>
}

/** Records that a reader agrees, or no longer does, and in which words. Idempotent. */
export const agreeToClicks = (
  enrollmentId: string,
  { agrees, consent }: { readonly agrees: boolean; readonly consent: stores.consents.Consent },
  { db, now, stores }: Pick<Deps, 'db' | 'now' | 'stores'>,
): Promise<void> =>
  db.transaction().execute(async (tx) => {
    const at = now()
    if (await stores.clicks.setConsent(tx, enrollmentId, agrees ? at : null)) {
      const event = agrees ? 'clicks' : 'no-clicks'
      await stores.consents.record(tx, event, [enrollmentId], consent, at)
    }
  })

/**
 * Returns where a counted link leads. `noted`: whether to record that it was followed, if its
 * reader agrees now.
 *
 * @throws Problem `not_found` when the token is not ours, or its edition is gone.
 */
export async function followClick(
  token: string,
  { noted }: { readonly noted: boolean },
  { db, now, series, stores, clickTokens }: Deps,
): Promise<string> {
  const followed = clickTokens.open(token)
  const edition = followed && (await stores.editions.byHash(db, followed.edition))
  const url = edition && countedLinksIn(edition.html)[followed.link]
  if (!url) throw new Problem('not_found', 'link.incomplete')
  if (noted) {
    const counting = [...series.values()].filter(countsClicks).map(({ slug }) => slug)
    await stores.clicks.record(db, { ...followed, url, series: counting }, now())
  }
  return url
}
