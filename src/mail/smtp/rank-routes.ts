import { createHash } from 'node:crypto'
import type { SmtpServer } from '../../platform/smtp-server.ts'

/**
 * Returns the servers in the order to try for a person: by priority, then by weighted rendezvous
 * hashing, which gives each person the same order as long as the servers stay the same.
 */
export function rankRoutes<T extends { readonly server: SmtpServer }>(
  routes: readonly T[],
  subscriberId: string,
): T[] {
  if (routes.length < 2) return [...routes]
  const scored = routes.map((route) => ({ route, score: scoreOf(route.server, subscriberId) }))
  scored.sort((a, b) => a.route.server.priority - b.route.server.priority || b.score - a.score)
  return scored.map(({ route }) => route)
}

function scoreOf({ name, weight }: SmtpServer, subscriberId: string): number {
  const hash = createHash('sha256').update(`${name} ${subscriberId}`).digest().readUInt32BE(0)
  return -weight / Math.log((hash + 1) / 0x1_0000_0001)
}
