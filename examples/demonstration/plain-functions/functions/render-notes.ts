import { marked } from 'marked'
import type { Release } from '../lib/release.ts'
import { headingOf } from '../lib/release.ts'

export const config = {
  retry: { maxAttempts: 3, initialInterval: 10 },
  concurrency: 4,
  maxDuration: 60,
}

export default async function renderNotes(release: Release): Promise<string> {
  return marked.parse(`${headingOf(release)}\n\n${release.changes.map(change => `* ${change}`).join('\n')}`)
}
