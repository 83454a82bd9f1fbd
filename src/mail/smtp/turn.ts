import { setTimeout as pause } from 'node:timers/promises'

/** When a mail may go through a server. */
export interface Turn {
  readonly inMs: number
  readonly serverIsFull: boolean
}

const SOON_MS = 2_000

/**
 * Returns a mail's turn, waiting for it if it is near: a per-second limit must not send every mail
 * back to the ledger.
 */
export async function turnSoon(ask: () => Promise<Turn>): Promise<Turn> {
  for (;;) {
    const turn = await ask()
    if (turn.inMs === 0 || turn.inMs > SOON_MS) return turn
    await pause(turn.inMs)
  }
}
