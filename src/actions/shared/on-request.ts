import type { TRANSACTIONAL } from '../../domain/delivery.ts'
import { DAY, dateIn } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'

type EnrollmentRef = Pick<stores.enrollments.Enrollment, 'id' | 'series' | 'zone'>

/** A mail that somebody asked for by a form: due now, and of no use after a day. */
export const onRequest = (
  { id, series, zone }: EnrollmentRef,
  kind: (typeof TRANSACTIONAL)[number],
  item: string,
  at: Temporal.Instant,
): stores.deliveries.NewDelivery => ({
  enrollmentId: id,
  series,
  kind,
  item,
  day: null,
  morning: { on: dateIn(zone, at), at, until: at.add({ milliseconds: DAY }) },
})

/**
 * The mail that brings a fresh link once the others are void: one for each time they are. Nobody
 * can ask for another without a link that has come to this mailbox since.
 */
export const freshLink = (enrollment: EnrollmentRef, epoch: number, at: Temporal.Instant) =>
  onRequest(enrollment, 'link', `epoch ${epoch}`, at)
