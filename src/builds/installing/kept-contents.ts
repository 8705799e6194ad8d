// Whether an install may be kept for other builders: only what unpacking it there would let pass. Pure.
import { emptyInventory, type Limits, planEntry, refuseLinks } from '../archive/entries.ts'
import type { Contents } from './tree-thread.ts'

export const keptLimits: Limits = {
  entries: 200_000,
  unpackedBytes: 2_000_000_000,
  pathBytes: 2_000,
  depth: 64,
}

/** In words; null: it may be kept. */
export function refuseContents(contents: Contents): string | null {
  const inventory = emptyInventory()
  for (const [file, content] of contents) {
    const [kind = '', mode = '', size = ''] = content.split(' ')
    const entry = {
      path: `tree/${file}`,
      type: { folder: 'Directory', file: 'File', link: 'SymbolicLink' }[kind] ?? kind,
      linkpath: kind === 'link' ? content.slice('link '.length) : undefined,
      size: kind === 'file' ? Number(size) : 0,
      executable: (Number.parseInt(mode, 8) & 0o111) !== 0,
    }
    const plan = planEntry(inventory, entry, keptLimits)
    if (plan.kind === 'refused') return plan.reason
  }
  return refuseLinks(inventory)?.reason ?? null
}
