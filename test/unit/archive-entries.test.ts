// Whatever an archive says, what is planned of it stays inside and no name is taken twice.
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  defaultLimits,
  type Entry,
  emptyInventory,
  planEntry,
  refuseLinks,
} from '../../src/builds/archive/entries.ts'

const part = fc.constantFrom('a', 'b', 'A', '..', '.', '', '.git', 'c\u0301', '\u0107', 'x y', 'node_modules')
const anyPath = fc.array(part, { minLength: 1, maxLength: 6 }).map(parts => parts.join('/'))
const anyEntry: fc.Arbitrary<Entry> = fc.record({
  type: fc.constantFrom('File', 'Directory', 'SymbolicLink', 'Link'),
  path: fc.oneof(
    anyPath.map(inside => `top/${inside}`),
    anyPath,
    fc.string(),
  ),
  linkpath: fc.oneof(anyPath, fc.string()),
  size: fc.nat(1_000),
  executable: fc.boolean(),
})

test('every planned path is inside, below no link, and there once', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 12 }), entries => {
      const inventory = emptyInventory()
      const plans = entries.map(entry => planEntry(inventory, entry, defaultLimits))
      const written = plans.flatMap(plan => (plan.kind === 'file' || plan.kind === 'link' ? [plan.path] : []))
      const links = plans.flatMap(plan => (plan.kind === 'link' ? [plan.path] : []))
      for (const name of written) {
        expect(path.posix.normalize(name)).toBe(name)
        expect(name.startsWith('..') || path.isAbsolute(name)).toBe(false)
        expect(links.some(link => name.startsWith(`${link}/`))).toBe(false)
      }
      expect(new Set(written.map(name => name.normalize('NFC').toLowerCase())).size).toBe(written.length)
    }),
    { numRuns: 1_000 },
  )
})

test('links are judged as the kernel would follow them', { timeout: 60_000 }, () => {
  const linkTo = fc.array(fc.constantFrom('a', 'b', 'c', '..', '.'), { minLength: 1, maxLength: 4 })
  const someLinks = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'd/e/a'), linkTo), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(someLinks, pairs => {
      const inventory = emptyInventory()
      for (const [name, target] of pairs)
        planEntry(
          inventory,
          {
            type: 'SymbolicLink',
            path: `top/${name}`,
            linkpath: target.join('/'),
            size: 0,
            executable: false,
          },
          defaultLimits,
        )
      expect(refuseLinks(inventory) === null).toBe(
        [...inventory.links.keys()].every(name => inside(inventory.links, name)),
      )
    }),
    { numRuns: 1_000 },
  )
})

/** An independent walk: one link replaced at a time, from the root, until none is left. */
function inside(links: ReadonlyMap<string, string>, name: string): boolean {
  let parts = name.split('/')
  for (let hops = 0; hops <= 40; hops++) {
    const rest: string[] = []
    let replaced = false
    for (const [index, part] of parts.entries()) {
      if (part === '.') continue
      if (part === '..') {
        if (rest.pop() === undefined) return false
        continue
      }
      rest.push(part)
      const target = links.get(rest.join('/'))
      if (target === undefined) continue
      parts = [...rest.slice(0, -1), ...target.split('/'), ...parts.slice(index + 1)]
      replaced = true
      break
    }
    if (!replaced) return true
  }
  return false
}
