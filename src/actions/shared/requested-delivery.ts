import type { TRANSACTIONAL } from '../../domain/delivery.ts'
import { DAY, dateIn } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'

type EnrollmentRef = Pick<stores.enrollments.Enrollment, 'id' | 'series' | 'zone'>

/** A mail that somebody requested by a form: due now, and of no use after a day. */
export const requestedDelivery = (
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
 * The mail that brings a fresh link after the others became void: one each time they do. Nobody can
 * request another without a link that has reached this mailbox since.
 */
export const freshLinkDelivery = (enrollment: EnrollmentRef, epoch: number, at: Temporal.Instant) =>
  requestedDelivery(enrollment, 'link', `epoch ${epoch}`, at)
