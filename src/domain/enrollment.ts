/**
 * Where a subscriber is in a series: `pending` until they confirm, then `active`, also in a pause.
 * It ends when all has come, when they leave, when their address gets no mail any more, or when
 * they begin again.
 */
export type EnrollmentStatus = 'pending' | 'active' | 'completed' | 'left' | 'stopped' | 'restarted'

/** Statuses of an enrollment that has not ended: there is at most one for a person and a series. */
export const ONGOING = ['pending', 'active'] as const satisfies readonly EnrollmentStatus[]
export const isOngoing = (status: EnrollmentStatus) => ONGOING.some((ongoing) => ongoing === status)
