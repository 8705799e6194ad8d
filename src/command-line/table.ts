// Rows as people read them: columns as wide as what is in them; on a terminal too narrow the columns that may be cut are. Pure.
import { oneLine, printable } from '../builds/plain-text.ts'
import type { Colour, Terminal } from './terminal.ts'
import { cut, pad, widthOf } from './width.ts'

export interface Column<Row> {
  title: string
  value(row: Row): string
  /** May be cut to this width. Ids and names of what a person copies from here may not. */
  shrinksTo?: number
  colour?(row: Row): Colour | null
}

const gap = '  '
const longestCell = 300

type Paper = Pick<Terminal, 'width' | 'colour'>

/** `none`: what is said where there are no rows. */
export function table<Row>(
  paper: Paper,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  none: string,
): string {
  if (rows.length === 0) return `${none}\n`
  const cells = rows.map(row => columns.map(column => oneLine(column.value(row), longestCell) || '-'))
  const widths = fitted(
    columns.map((column, at) => Math.max(...[column.title, ...cells.map(row => row[at] ?? '')].map(widthOf))),
    columns.map(column => column.shrinksTo ?? null),
    paper.width,
  )
  const line = (texts: readonly string[], paint: (text: string, at: number) => string) =>
    texts
      .map((text, at) => {
        const width = widths[at] ?? 0
        const shown = cut(text, width)
        const painted = paint(shown, at)
        return at === texts.length - 1 ? painted : painted + pad(shown, width).slice(shown.length)
      })
      .join(gap)
      .trimEnd()
  const head = line(
    columns.map(({ title }) => title.toUpperCase()),
    text => paper.colour('dim', text),
  )
  const body = rows.map((row, index) =>
    line(cells[index] ?? [], (text, at) => {
      const colour = columns[at]?.colour?.(row)
      return colour ? paper.colour(colour, text) : text
    }),
  )
  return `${[head, ...body].join('\n')}\n`
}

function fitted(natural: number[], shrinksTo: (number | null)[], available: number | null): number[] {
  const widths = [...natural]
  if (available === null) return widths
  let over = widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - available
  // The last first: what explains stands behind what names.
  for (let at = widths.length - 1; at >= 0 && over > 0; at--) {
    const least = shrinksTo[at] ?? null
    const width = widths[at] ?? 0
    if (least === null || width <= least) continue
    const taken = Math.min(over, width - least)
    widths[at] = width - taken
    over -= taken
  }
  return widths
}

/** One thing: a line for each of what is known of it. */
export function list(paper: Paper, pairs: readonly (readonly [string, string | null])[]): string {
  const known = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null && pair[1] !== '')
  const width = Math.max(...known.map(([name]) => widthOf(name)))
  return known
    .map(([name, value]) => {
      const [first = '', ...more] = printable(value).split('\n')
      const indent = ' '.repeat(width + gap.length)
      return `${paper.colour('dim', pad(name, width))}${gap}${[first, ...more.map(text => indent + text)].join('\n')}\n`
    })
    .join('')
}

/** UTC, to the second. */
export function shownTime(time: string | null): string {
  return time === null ? '' : time.replace('T', ' ').replace(/(\.\d+)?Z$/, 'Z')
}
