// What an operator is warned of (src/db/watch-database.ts).
import { expect, test } from 'vitest'
import { warningsOf } from '../../src/db/watch-database.ts'

const calm = { oldest: null, age: 150e6, freezeAt: 200e6 }
const dump = { pid: 42, name: 'pg_dump', state: 'idle in transaction', seconds: 61 }

test('nothing to say, also of a transaction that is not old yet', () => {
  expect(warningsOf(calm)).toEqual([])
  expect(warningsOf({ ...calm, oldest: { ...dump, seconds: 60 } })).toEqual([])
})

test('an old transaction: whose, for how long, and how to end it', () => {
  const [warning] = warningsOf({ ...calm, oldest: dump })
  expect(warning?.about).toEqual(dump)
  expect(warning?.message).toContain('"pg_dump" has been open for 61 s (idle in transaction)')
  expect(warning?.message).toContain('select pg_terminate_backend(42)')
})

test('a prepared one, which no connection ends', () => {
  const [warning] = warningsOf({ ...calm, oldest: { ...dump, pid: null, name: 'gid', state: 'prepared' } })
  expect(warning?.message).toContain("rollback prepared 'gid'")
})

test('transaction ids that nothing freezes', () => {
  expect(warningsOf({ ...calm, age: 300e6 })).toEqual([])
  expect(warningsOf({ ...calm, age: 301e6 })[0]?.message).toContain('301 million')
})
