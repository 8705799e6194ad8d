// Follows what grows: asks for what came since, shows it, and ends when no more will come. Ctrl-C ends the program.
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodes } from './exit-codes.ts'

export interface Piece {
  /** There is more already: ask again at once. */
  more: boolean
  finished: boolean
}

const everyMs = 1_000

/** `next` shows what came. Of what has finished it is asked once more: its last lines may still be on their way. */
export async function follow(next: () => Promise<Piece>): Promise<void> {
  for (let over = false; ; ) {
    const { more, finished } = await next()
    if (more) continue
    if (over) return
    over = finished
    await sleep(everyMs)
  }
}

export function endOf(isGood: boolean): number {
  return isGood ? exitCodes.done.code : exitCodes.endedBadly.code
}
