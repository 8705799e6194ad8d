// Waits for the world to reach a state, by asking it again and again: the demo speaks to Sluice only as a person would,
// through git, GitHub's API and the client, none of which can tell it when something is done.
import { setTimeout as sleep } from 'node:timers/promises'

const everyMs = 150
const giveUpMs = 120_000

/** Resolves to the first answer of `look` that is not null. `what` names the thing in the error when it never comes. */
export async function waitFor<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const until = Date.now() + giveUpMs
  for (;;) {
    const seen = await look()
    if (seen !== null) return seen
    if (Date.now() > until) throw new Error(`waited ${giveUpMs / 1000} s for ${what}`)
    await sleep(everyMs)
  }
}
