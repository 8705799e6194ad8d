// The socket of a connection, which tells the driver of its loss the way it needs (connection-loss.ts): in the moment it is
// known, as one that refuses what is still open, and with what PostgreSQL said last. And it breaks by itself when an answer is
// owed and nothing comes for too long: a statement has no other limit on our side, and a connection whose other end has vanished
// would hold it for as long as the operating system believes in that (RELIABILITY.md F41).
import { Socket } from 'node:net'
import type { Attempts } from './attempts.ts'
import { readFatal } from './fatal-message.ts'
import { createOwedAnswers } from './owed-answers.ts'

export interface Address {
  path?: string | false
  host: string[]
  port: number[]
}

/** As the driver wants it: it may be still connecting. `answerWithinMs` 0: it waits for ever. */
export function socketOpener(answerWithinMs: number, attempts: Attempts): (address: Address) => Socket {
  return ({ path, host, port }) => {
    const socket = new ConnectionSocket(answerWithinMs, attempts)
    if (path) return socket.connect(path)
    // For TLS, which the driver puts over it: whose certificate it has to be.
    Object.assign(socket, { host: host[0] })
    return socket.connect(port[0] ?? 5432, host[0] ?? 'localhost')
  }
}

/**
 * The driver collects what it writes until the end of a turn, or 1024 bytes. What a connection had collected when it broke is
 * neither sent nor forgotten: the next start-up message joins it, and both wait for ten seconds, for a turn's end that was
 * called off. One of this length is sent at once, and the socket cuts off what stands before it. PgBouncer wants a setting at
 * the end of it, one that it knows.
 */
export const sentAtOnce = { options: `${' '.repeat(1_024)}-c TimeZone=UTC` }
const encryption = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]) // asks for TLS, which then passes beside this socket
const startUp = Buffer.from('\0\x03\0\0user\0') // the protocol's version and the first word, behind the length

/**
 * A server that only reads is no longer the one to write to, and may never be again (RELIABILITY.md F39). The next connection is
 * made to whatever stands behind the address then.
 */
const readOnly = Buffer.from('VERROR\0C25006\0')

type Done = (error?: Error | null) => void

class ConnectionSocket extends Socket {
  #answerWithinMs: number
  readonly #owed = createOwedAnswers()
  readonly #attempts: Attempts
  #heard = false
  #late: NodeJS.Timeout | undefined
  #begun = false
  #over = false

  constructor(answerWithinMs: number, attempts: Attempts) {
    super()
    this.#attempts = attempts
    this.#answerWithinMs = answerWithinMs
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (this.#over) return false
    if (event === 'data' && args[0] instanceof Buffer) return this.#received(args[0])
    if (event === 'close') return this.#end()
    const heard = super.emit(event, ...args)
    // Nothing more can come. Whatever the driver says until it hears of the close is lost.
    if (event === 'end' || event === 'error') this.#end()
    return heard
  }

  #received(bytes: Buffer): boolean {
    this.#owed.answered(bytes)
    if (this.#owed.any()) this.#late?.refresh()
    else this.#stopWaiting()
    const fatal = readFatal(bytes)
    if (fatal === null) {
      if (!this.#heard) this.#attempts.succeeded()
      this.#heard = true
      const heard = super.emit('data', bytes)
      if (bytes.includes(readOnly)) this.destroy()
      return heard
    }
    if (fatal.at > 0) super.emit('data', bytes.subarray(0, fatal.at))
    return this.emit('error', fatal.error)
  }

  /** Once, and without an error: of one with an error the driver forgets to refuse what was asked. */
  #end(): boolean {
    if (this.#over) return false
    if (!this.#heard) this.#attempts.failed()
    const heard = super.emit('close', false)
    this.#over = true
    this.#stopWaiting()
    this.destroy()
    return heard
  }

  // Not `write`: connecting puts Node's own in its place.
  override _write(bytes: Buffer, encoding: BufferEncoding, done: Done): void {
    if (this.#begun) this.#owed.asked(bytes)
    else if (bytes.equals(encryption)) this.#answerWithinMs = 0
    super._write(this.#begun ? bytes : fromStartUp(bytes), encoding, done)
    this.#begun = true
    this.#startWaiting()
  }

  override _writev(all: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    for (const { chunk } of all) this.#owed.asked(chunk)
    super._writev?.(all, done)
    this.#startWaiting()
  }

  /** Asking more does not give it more time. */
  #startWaiting(): void {
    const ms = this.#answerWithinMs
    if (ms > 0 && !this.#over) this.#late ??= setTimeout(() => this.destroy(silentFor(ms)), ms).unref()
  }

  #stopWaiting(): void {
    clearTimeout(this.#late)
    this.#late = undefined
  }
}

function silentFor(ms: number): Error {
  const message = `PostgreSQL owed an answer and said nothing for ${ms / 1000} s; the connection is given up.`
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
}

function fromStartUp(bytes: Buffer): Buffer {
  const version = bytes.lastIndexOf(startUp)
  return version < 0 ? bytes : bytes.subarray(version - 4)
}
