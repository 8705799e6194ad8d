// What a child says: by `console`, line by line on a descriptor of its own, and whatever else it writes to its outputs. It goes to
// the attempt that runs; a line that names another's call to that, or nowhere. Always read: a flood slowly, so that it costs us little.
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { LogLevel } from '../executions/ports.ts'
import type { AttemptLog } from './attempt-log.ts'
import { createDecoder } from './frames.ts'
import { decodeLine, longestText, maxLineBytes } from './log-lines.ts'
import { printable } from './printable.ts'

export interface ChildOutput {
  /** From here on output belongs to that attempt, which has no call yet. */
  listen(log: AttemptLog): void
  /** The calls to come, by their numbers, that of the attempt listened to among them. Any may be heard before its turn is seen. */
  expect(logs: ReadonlyMap<number, AttemptLog>): void
  /** That call's turn has come. */
  begin(call: number): void
  /** Its call has ended, having written so many lines by `console`. */
  end(lines: number): void
  /** The process has ended: what it wrote is read out. */
  drain(): void
  /** Nothing more is read. */
  close(): void
  /** The last of its error output: it says why a process died. */
  tail(): string
}

interface Listener {
  log: AttemptLog
  /** Counts what was listened to. */
  since: number
  call: number
  got: number
  /** How many lines there are of it; null: it goes on. */
  expected: number | null
}

export interface Streams {
  stdout: Readable | null
  stderr: Readable | null
  lines: Readable | null
}

const tailBytes = 8 * 1024
const nothing = Buffer.alloc(0)

export function createOutput({ stdout, stderr, lines }: Streams): ChildOutput {
  const open = new Map<number, Listener>()
  let now: Listener | null = null
  let since = 0
  let tail: Buffer = nothing
  const isFlood = () => now !== null && now.expected === null && now.log.isOver()
  const raw = (level: LogLevel) => createLines(text => now?.log.add(level, Date.now(), text))
  const texts = { stdout: raw('log'), stderr: raw('error') }

  const listenerOf = (log: AttemptLog, call: number) => ({ log, since, call, got: 0, expected: null })
  function close(one: Listener): void {
    one.log.end()
    open.delete(one.call)
    if (one === now) now = null
  }
  const decode = createDecoder(maxLineBytes, frame => {
    const line = decodeLine(frame)
    const one = line && (line.call === 0 ? now : open.get(line.call))
    if (!one) return
    one.got += 1
    one.log.add(line.level, line.atMs, line.text)
    if (one.got === one.expected) close(one)
  })

  read(stdout, isFlood, chunk => texts.stdout.add(chunk))
  read(stderr, isFlood, chunk => {
    tail = Buffer.concat([tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes)
    texts.stderr.add(chunk)
  })
  // What is no line of ours is none of anybody's: the descriptor is closed to it.
  read(lines, isFlood, chunk => decode(chunk) || lines?.destroy())
  const all = [stdout, stderr, lines]
  return {
    listen(log) {
      // Lines of those that have ended may still be on their way; of those before them none are.
      for (const one of open.values()) if (one.since < since) close(one)
      since += 1
      now = listenerOf(log, 0)
      tail = nothing
    },
    expect(logs) {
      for (const [call, log] of logs) open.set(call, now?.log === log ? now : listenerOf(log, call))
    },
    begin(call) {
      now = open.get(call) ?? now
      if (now) now.call = call
      tail = nothing
    },
    end(amount) {
      for (const text of Object.values(texts)) text.flush()
      if (!now) return
      now.expected = amount
      if (now.got >= amount) close(now)
    },
    drain() {
      for (const stream of all) stream?.resume()
    },
    close() {
      for (const text of Object.values(texts)) text.flush()
      for (const stream of all) stream?.destroy()
      for (const one of open.values()) close(one)
      if (now) close(now)
    },
    tail: () => printable(tail.toString('utf8')),
  }
}

const pieceBytes = 128 * 1024
const restMs = 25

/** In a flood a piece at a time: the child waits meanwhile. */
function read(stream: Readable | null, isFlood: () => boolean, take: (chunk: Buffer) => void): void {
  let bytes = 0
  stream?.on('data', (chunk: Buffer) => {
    take(chunk)
    bytes += chunk.length
    if (bytes < pieceBytes) return
    bytes = 0
    if (!isFlood()) return
    stream.pause()
    setTimeout(() => stream.resume(), restMs)
  })
  stream?.on('error', () => {}) // a pipe that broke has ended
}

/** Bytes to lines, wherever they are cut; one without an end is cut into several. */
function createLines(take: (text: string) => void) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    add(chunk: Buffer) {
      const texts = (rest + decoder.write(chunk)).split('\n')
      rest = texts.pop() ?? ''
      for (const text of texts) cut(text, take)
      while (rest.length >= longestText) {
        take(rest.slice(0, longestText))
        rest = rest.slice(longestText)
      }
    },
    flush() {
      if (rest !== '') take(rest)
      rest = ''
    },
  }
}

function cut(text: string, take: (text: string) => void): void {
  for (let from = 0; from === 0 || from < text.length; from += longestText)
    take(text.slice(from, from + longestText))
}
