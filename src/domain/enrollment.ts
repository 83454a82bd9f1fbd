/**
 * Where a subscriber is in a series: `pending` until they confirm, then `active`, even while
 * paused. An enrollment ends when all has come, when they leave, when their address gets no more
 * mail, or when they begin again.
 */
export type EnrollmentStatus = 'pending' | 'active' | 'completed' | 'left' | 'stopped' | 'restarted'

/** Statuses of an enrollment that has not ended; a person has at most one of them per series. */
export const ONGOING = ['pending', 'active'] as const satisfies readonly EnrollmentStatus[]
export const isOngoing = (status: EnrollmentStatus) => ONGOING.some((ongoing) => ongoing === status)
