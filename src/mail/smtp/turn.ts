import { setTimeout as pause } from 'node:timers/promises'

/** When a mail may go by a server. */
export interface Turn {
  readonly inMs: number
  readonly serverIsFull: boolean
}

const SOON_MS = 2_000

/**
 * A turn, waited for when it comes soon: a limit a second must not send every mail back to the
 * ledger.
 */
export async function turnSoon(ask: () => Promise<Turn>): Promise<Turn> {
  for (;;) {
    const turn = await ask()
    if (turn.inMs === 0 || turn.inMs > SOON_MS) return turn
    await pause(turn.inMs)
  }
}
