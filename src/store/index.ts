/** The tables' functions, under the names of their tables. */
export * as backlog from './backlog.ts'
export * as consents from './consents.ts'
export * as deliveries from './deliveries.ts'
export * as enrollments from './enrollments.ts'
export * as personal from './personal.ts'
export * as sandbox from './sandbox.ts'
export * as subscribers from './subscribers.ts'
export * as suppressions from './suppressions.ts'
