// The lines of an attempt as parts of about the same size, each with its number. Pure.
import type { AttemptLines, LogLevel, LogLine } from './ports.ts'

export interface LogPart {
  executionId: string
  attempt: number
  part: number
  /** JSON, as it is stored. */
  lines: string
}

const partChars = 48 * 1024
/** Of a batch, which is two megabytes at most: the numbers of the next begin behind. */
const mostParts = 1_000

export function partsOf({ executionId, attempt, batch, lines }: AttemptLines): LogPart[] {
  const parts: LogPart[] = []
  let waiting: string[] = []
  let chars = 0
  const end = () => {
    if (waiting.length === 0) return
    parts.push({
      executionId,
      attempt,
      part: batch * mostParts + parts.length,
      lines: `[${waiting.join(',')}]`,
    })
    waiting = []
    chars = 0
  }
  for (const { atMs, level, text } of lines) {
    const line = JSON.stringify([atMs, level, text])
    if (chars + line.length > partChars) end()
    waiting.push(line)
    chars += line.length
  }
  end()
  return parts
}

export function linesOf(part: string): LogLine[] {
  const rows: [number, LogLevel, string][] = JSON.parse(part)
  return rows.map(([atMs, level, text]) => ({ atMs, level, text }))
}
