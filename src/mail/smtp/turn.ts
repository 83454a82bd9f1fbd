import { setTimeout as pause } from 'node:timers/promises'

/** When a mail may go through a server. */
export interface Turn {
  readonly inMs: number
  readonly serverIsFull: boolean
}

const MAX_TURN_WAIT_MS = 2_000

/**
 * Returns a mail's turn, waiting for it if it is near: a per-second limit must not send every mail
 * back to the ledger.
 */
export async function awaitTurn(requestTurn: () => Promise<Turn>): Promise<Turn> {
  for (;;) {
    const turn = await requestTurn()
    if (turn.inMs === 0 || turn.inMs > MAX_TURN_WAIT_MS) return turn
    await pause(turn.inMs)
  }
}
