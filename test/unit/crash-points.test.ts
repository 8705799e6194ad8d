// The list of crash points against the source: each name stands where the list says, and nowhere else.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { crashPlaces, isCrashSetting, parseCrashAt } from '../../src/crash-point.ts'

const root = path.resolve(import.meta.dirname, '../../src')

/** Where the name of a crash point is said in quotes, but in the list. */
function places(name: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== 'crash-point.ts')
    .flatMap(file => {
      const text = readFileSync(path.join(root, file), 'utf8')
      const calls = text.match(/\b(?:crashPoint|upTo)\('[^']+'/g) ?? []
      return calls.filter(call => call.endsWith(`('${name}'`)).map(() => file)
    })
}

test.each(Object.entries(crashPlaces))('%s is reached in %s, once', (name, file) => {
  expect(places(name)).toEqual([file])
})

test('CRASH_AT names points, each with the time it counts', () => {
  expect(isCrashSetting('claim.after_commit:3,cron.before_commit')).toBe(true)
  expect(isCrashSetting('claim.after_commit,')).toBe(false)
  expect(isCrashSetting('claim.sometime')).toBe(false)
  expect(isCrashSetting('claim.after_commit:0')).toBe(false)
  expect([...parseCrashAt('claim.after_commit:3,cron.before_commit')]).toEqual([
    ['claim.after_commit', 3],
    ['cron.before_commit', 1],
  ])
})
