import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { messageOf, withoutQuery } from '../../src/errors.ts'

test('what a failed query was given never stands in its message', async () => {
  const driver = postgres('postgres://nobody@127.0.0.1:1/none', { connect_timeout: 1, max: 1 })
  const error = await drizzle(driver)
    .execute(sql`select ${'canary'}`)
    .catch(thrown => thrown)
  await driver.end({ timeout: 0 })
  expect(String(error.message)).toContain('canary') // the wrapper does repeat it
  expect(messageOf(error)).not.toContain('canary')
  expect(String((withoutQuery(error) as Error).stack)).not.toContain('canary')
})

test('anything else is told as it is', () => {
  expect(messageOf(new Error('boom', { cause: new Error('why') }))).toBe('boom')
  expect(messageOf('text')).toBe('text')
})
