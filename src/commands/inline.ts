// The inside of one paragraph: inline code and HTML comments, which may span its lines. Pure. One walk from left to right;
// where a run of backticks closes is looked up, not searched, so that unclosed ones cost nothing (CommonMark section 6.1).

interface Span {
  from: number
  to: number
  /** Comments are cut out; code stays, because an argument may be written as code. */
  cut: boolean
}

/** Those lines that begin outside code and comments; comments are cut out of what is left. */
export function spokenLines(lines: readonly string[]): string[] {
  const spans = spansOf(lines.join('\n'))
  const spoken: string[] = []
  let from = 0
  let next = 0
  for (const line of lines) {
    const to = from + line.length
    while (next < spans.length && (spans[next]?.to ?? 0) <= from) next++
    const first = spans[next]
    if (!first || first.from >= from) spoken.push(withoutComments(line, from, spans, next))
    from = to + 1
  }
  return spoken
}

function withoutComments(line: string, from: number, spans: readonly Span[], next: number): string {
  const kept: string[] = []
  let at = 0
  for (let index = next; index < spans.length; index++) {
    const span = spans[index]
    if (!span || span.from >= from + line.length) break
    if (!span.cut) continue
    kept.push(line.slice(at, span.from - from))
    at = span.to - from
  }
  kept.push(line.slice(at))
  return kept.join(' ')
}

function spansOf(text: string): Span[] {
  const closers = backtickRuns(text)
  const spans: Span[] = []
  let noMoreComments = false
  let at = 0
  while (at < text.length) {
    const character = text[at]
    if (character === '\\') at += 2
    else if (character === '`') at = readCode(text, at, closers, spans)
    else if (character === '<' && !noMoreComments && text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at + 2)
      noMoreComments = end < 0
      if (end >= 0) spans.push({ from: at, to: end + 3, cut: true })
      at = end < 0 ? at + 4 : end + 3
    } else at++
  }
  return spans
}

/** Returns where to read on: after the code, or after the backticks when nothing closes them. */
function readCode(text: string, from: number, closers: Map<number, number[]>, spans: Span[]): number {
  let after = from
  while (text[after] === '`') after++
  const length = after - from
  const candidates = closers.get(length) ?? []
  // Last first, so that those passed by are dropped for good: the walk never returns to them.
  while ((candidates.at(-1) ?? after) < after) candidates.pop()
  const closer = candidates.at(-1)
  if (closer === undefined) return after
  spans.push({ from, to: closer + length, cut: false })
  return closer + length
}

/** Where runs of backticks start, by their length, the last one first. */
function backtickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>()
  for (const { index, 0: run } of text.matchAll(/`+/g)) {
    const starts = runs.get(run.length) ?? []
    starts.push(index)
    runs.set(run.length, starts)
  }
  for (const starts of runs.values()) starts.reverse()
  return runs
}
