// Which failures pass, and are answered 503 (src/db/outage.ts).
import { expect, test } from 'vitest'
import { isOutage } from '../../src/db/outage.ts'
import { AppError } from '../../src/errors.ts'

const failure = (code: string, more: object = {}) => Object.assign(new Error('failed'), { code, ...more })

test.each([
  ['a connection that broke', failure('CONNECTION_CLOSED')],
  ['PostgreSQL that is being stopped', failure('57P01')],
  ['PostgreSQL that is starting', failure('57P03')],
  ['no connection to be had', failure('53300')],
  ['its disk full', failure('53100')],
  ['a server that only reads', failure('25006')],
  ['statements in each other’s way', failure('40P01')],
  ['one that is not there', failure('ENOENT', { syscall: 'connect' })],
  ['one that does not come up', failure('CONNECT_TIMEOUT')],
  ['our disk full', failure('ENOSPC')],
  ['said of a query', new Error('Failed query: select 1', { cause: failure('53100') })],
])('%s: it passes', (_, error) => {
  expect(isOutage(error)).toBe(true)
})

test.each([
  ['a mistake in a statement', failure('42601')],
  ['a row that is there already', failure('23505')],
  ['a file that is not there', failure('ENOENT', { syscall: 'open' })],
  ['a mistake of ours', new TypeError('undefined is not a function')],
  ['an answer of ours', new AppError('not_found', 'There is none.')],
])('%s: it does not', (_, error) => {
  expect(isOutage(error)).toBe(false)
})
