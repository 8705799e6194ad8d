// The output of a command as lines, however much it is: the first part at once, of a flood only the end, when that has come.
// What lies between is counted and thrown away as bytes, which costs nearly nothing; cutting it into lines would cost seconds.
import { createLines, type Lines } from './lines.ts'

export interface FloodLimits {
  /** From where on it is a flood. */
  lines: number
  bytes: number
  /** How much of its end is kept. */
  tailBytes: number
}

const defaults: FloodLimits = { lines: 50_000, bytes: 10_000_000, tailBytes: 1_000_000 }

export function createFlood(onLine: (line: string) => void, limits = defaults): Lines {
  const head = createLines(line => {
    left.lines -= 1
    onLine(line)
  })
  const left = { lines: limits.lines, bytes: limits.bytes }
  const tail = { chunks: [] as Uint8Array[], bytes: 0, dropped: 0 }

  function keep(chunk: Uint8Array): void {
    tail.chunks.push(chunk)
    tail.bytes += chunk.length
    while (tail.bytes - (tail.chunks[0]?.length ?? 0) >= limits.tailBytes) {
      const dropped = tail.chunks.shift()?.length ?? 0
      tail.bytes -= dropped
      tail.dropped += dropped
    }
  }

  return {
    write(chunk) {
      if (left.lines <= 0 || left.bytes <= 0) return keep(chunk)
      left.bytes -= chunk.length
      head.write(chunk)
    },
    end() {
      if (tail.dropped === 0) {
        for (const chunk of tail.chunks) head.write(chunk)
        return head.end()
      }
      head.end()
      onLine(leftOut(`${(tail.dropped / 1e6).toFixed(1)} MB of output`))
      const end = createLines(onLine)
      for (const chunk of fromNextLine(tail.chunks)) end.write(chunk)
      end.end()
    },
  }
}

export function leftOut(what: string): string {
  return `… ${what} left out here …`
}

/** What comes before the first newline is the rest of a line that was thrown away. */
function fromNextLine([first, ...others]: Uint8Array[]): Uint8Array[] {
  return first === undefined ? [] : [first.subarray(first.indexOf(0x0a) + 1), ...others]
}
