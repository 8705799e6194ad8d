// Listens on channels, by one connection, and again after each loss of it. The driver's own way asks for every channel anew at each
// try that fails, and forgets none of what it asked: while PostgreSQL is away that grows without end.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { connect } from './client.ts'

export interface Listening {
  /** Resolves when it listens for the first time. @throws when it cannot. */
  start(): Promise<void>
  close(): Promise<void>
}

export interface ListenOptions {
  url: string
  name: string
  /** What to do with the payload, by channel. */
  channels: Readonly<Record<string, (payload: string) => void>>
  /** It listens, from now on: what was said before may have been missed. */
  listens(): void
  log: Log
}

const againMs = 250

export function createListening({ url, name, channels, listens, log }: ListenOptions): Listening {
  const text = Object.keys(channels)
    .map(channel => `listen "${channel}"`)
    .join('; ')
  let closed = false
  let trying = false
  let losses = 0
  const { driver, close } = connect(url, {
    max: 1,
    name,
    notified: (channel, payload) => channels[channel]?.(payload),
    lost() {
      losses += 1
      void listenAgain()
    },
  })

  async function listen(): Promise<void> {
    await driver.unsafe(text).simple()
    listens()
  }

  async function listenAgain(): Promise<void> {
    if (trying) return
    trying = true
    for (let listening = false; !listening && !closed; ) {
      const before = losses
      try {
        await listen()
        listening = losses === before
      } catch (error) {
        log.debug({ error }, `not listening yet: ${messageOf(error)}`)
        await sleep(againMs)
      }
    }
    trying = false
  }

  return {
    start: listen,
    async close() {
      closed = true
      await close()
    },
  }
}
