// Bytes as a process writes them, cut into clean lines: invalid UTF-8 and control characters taken out, ANSI colours kept, a
// line that never ends cut off. Pure but for the half line it keeps, so that no output can make it grow.

export const maxLineLength = 4_000

export interface Lines {
  write(chunk: Uint8Array): void
  /** Hands on the last line, if no newline ended it. */
  end(): void
}

export function createLines(onLine: (line: string) => void): Lines {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  function take(text: string): void {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(cleanLine(line))
    // Enough to know that the line is too long; what follows up to its end is cut off by cleanLine.
    if (rest.length > maxLineLength * 2) rest = rest.slice(0, maxLineLength + 1)
  }
  return {
    write: chunk => take(decoder.decode(chunk, { stream: true })),
    end() {
      take(decoder.decode())
      if (rest !== '') onLine(cleanLine(rest))
      rest = ''
    },
  }
}

/** One line of any text as it may be stored and shown. A progress bar's line is what it said last. */
export function cleanLine(text: string): string {
  const shown = text.replace(/\r+$/, '')
  const line = withoutControls(shown.slice(shown.lastIndexOf('\r') + 1)).toWellFormed()
  if (line.length <= maxLineLength) return line
  return `${line.slice(0, maxLineLength).replace(cutColour, '').toWellFormed()}…`
}

const esc = '\u001b'
const bell = '\u0007'
/** A control sequence; a command to the terminal (title, link); a string for it; any other escape. */
const sequences = new RegExp(
  [
    `${esc}\\[[0-?]*[ -/]*[@-~]`,
    `${esc}\\][^${esc}${bell}]*(?:${bell}|${esc}\\\\)?`,
    `${esc}[PX^_][^${esc}]*(?:${esc}\\\\)?`,
    `${esc}[ -/]*[0-~]`,
  ].join('|'),
  'g',
)
const colour = new RegExp(`^${esc}\\[[0-9;:]*m$`)
const cutColour = new RegExp(`${esc}[^m]*$`)
const control = /\p{Cc}/u
const controls = /[^\P{Cc}\t]/gu

/** Nothing that moves a cursor, clears, or talks to a terminal. */
function withoutControls(line: string): string {
  if (!control.test(line)) return line // most are
  const parts: string[] = []
  let from = 0
  for (const { 0: sequence, index } of line.matchAll(sequences)) {
    parts.push(line.slice(from, index).replace(controls, ''), colour.test(sequence) ? sequence : '')
    from = index + sequence.length
  }
  parts.push(line.slice(from).replace(controls, ''))
  return parts.join('')
}
