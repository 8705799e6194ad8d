// The fifty must-haves of the GitHub side: each has a test that names it, as `M17: …`. What a title claims only its test can show; this
// sees to it that none is forgotten.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const tests = path.resolve(import.meta.dirname, '..')
const all = Array.from({ length: 50 }, (_, index) => index + 1)

/** Numbers at the beginning of a title: "M16, M19: …". */
function named(text: string): number[] {
  const titles = text.matchAll(/['"`](M\d+(?:, M\d+)*): /g)
  return [...titles].flatMap(([, numbers = '']) => numbers.split(', ').map(one => Number(one.slice(1))))
}

test('each of the fifty must-haves has a test that names it', () => {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.test.ts'),
  )
  const shown = new Set(files.flatMap(file => named(readFileSync(path.join(tests, file), 'utf8'))))
  expect(all.filter(number => !shown.has(number))).toEqual([])
})
