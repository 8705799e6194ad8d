// Arguments and results are JSON text. What is too large for a row lies in the artifact store, and the row says where: `@` and
// the digest. No JSON begins with that. Pure.

/** Beyond so many bytes a text does not stay in the row: what the queue reads and rewrites is small. */
export const mostInRow = 64 * 1024

export const referenceTo = (digest: string) => `@${digest}`

/** The digest, of a text that is a reference; null: it is the JSON itself. */
export function referenceIn(stored: string): string | null {
  return stored.startsWith('@') ? stored.slice(1) : null
}

export function isTooLargeForRow(json: string): boolean {
  // Of up to three bytes each: only what may be too large is counted.
  return json.length * 3 > mostInRow && Buffer.byteLength(json) > mostInRow
}
