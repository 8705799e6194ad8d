// Bytes as a process writes them, cut into clean lines: NUL and invalid UTF-8 taken out, ANSI colours kept, a line that
// never ends cut off. Pure but for the half line it keeps, so that no output can make it grow.

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
  const line = shown
    .slice(shown.lastIndexOf('\r') + 1)
    .replaceAll('\0', '')
    .toWellFormed()
  return line.length > maxLineLength ? `${line.slice(0, maxLineLength).toWellFormed()}…` : line
}
