// The nearest of the known names to a mistyped one. Pure; a candidate costs the product of the two lengths at most.

const longest = 64

/** Null when nothing is near: one edit for short words, two for longer ones. */
export function suggest(word: string, candidates: readonly string[]): string | null {
  let best: { name: string; distance: number } | null = null
  for (const name of candidates) {
    const distance = editDistance(word.toLowerCase(), name.toLowerCase())
    if (distance <= (word.length > 4 ? 2 : 1) && (best === null || distance < best.distance))
      best = { name, distance }
  }
  return best?.name ?? null
}

/** Insertions, deletions, replacements and swaps of neighbours. Infinity for words too long to be names. */
export function editDistance(a: string, b: string): number {
  if (a.length > longest || b.length > longest) return a === b ? 0 : Number.POSITIVE_INFINITY
  let twoBack: number[] = []
  let oneBack = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const edits = [
        at(oneBack, column) + 1,
        at(current, column - 1) + 1,
        at(oneBack, column - 1) + (same ? 0 : 1),
      ]
      current.push(Math.min(...edits, swapped ? at(twoBack, column - 2) + 1 : Number.POSITIVE_INFINITY))
    }
    twoBack = oneBack
    oneBack = current
  }
  return at(oneBack, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
