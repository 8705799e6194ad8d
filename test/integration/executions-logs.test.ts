// What functions said, stored beside everything else and read in pages.

import { randomUUID } from 'node:crypto'
import { expect, inject, onTestFinished, test } from 'vitest'
import { findLogs } from '../../src/executions/find-logs.ts'
import { listSpans } from '../../src/executions/history-store.ts'
import { keepHistory } from '../../src/executions/keep-history.ts'
import { createLogWriter } from '../../src/executions/log-writer.ts'
import type { LogLine } from '../../src/executions/ports.ts'
import { log, setup, until } from './executions-setup.ts'

const line = (text: string): LogLine => ({ atMs: 1_700_000_000_000.25, level: 'info', text })

async function place() {
  const { db } = await setup(inject('postgresUrl'))
  const writer = createLogWriter(db, log)
  await writer.start()
  let stopped = false
  const stop = async () => {
    if (!stopped) await writer.stop(new Date(Date.now() + 20_000))
    stopped = true
  }
  onTestFinished(stop)
  async function all(id: string) {
    const pages = []
    for (let after: string | null = null; ; ) {
      const page = await findLogs(db, id, after)
      pages.push(page.lines)
      if (page.next === null) return pages
      after = page.next
    }
  }
  return { db, writer, stop, all }
}

test('lines are read as they were said, attempt after attempt', async () => {
  const { db, writer, stop } = await place()
  const [one, other] = [randomUUID(), randomUUID()]
  writer.keep({ executionId: one, attempt: 2, batch: 0, lines: [line('third')] })
  writer.keep({ executionId: one, attempt: 1, batch: 0, lines: [line('first "quoted" ü')] })
  writer.keep({ executionId: one, attempt: 1, batch: 1, lines: [line('second'), line('')] })
  writer.keep({ executionId: other, attempt: 1, batch: 0, lines: [line('another')] })
  await stop()
  const { lines, next } = await findLogs(db, one, null)
  expect(lines.map(({ attempt, text }) => [attempt, text])).toEqual([
    [1, 'first "quoted" ü'],
    [1, 'second'],
    [1, ''],
    [2, 'third'],
  ])
  expect(lines[0]).toEqual({ ...line('first "quoted" ü'), attempt: 1 })
  expect(next).toBe(null)
  expect(await findLogs(db, randomUUID(), 'no such page')).toEqual({ lines: [], next: null, last: null })
})

test('much is pages, each line once', async () => {
  const { writer, stop, all } = await place()
  const id = randomUUID()
  const lines = Array.from({ length: 2_000 }, (_, index) => line(`${index} ${'x'.repeat(500)}`))
  writer.keep({ executionId: id, attempt: 1, batch: 0, lines: lines.slice(0, 1_500) })
  writer.keep({ executionId: id, attempt: 1, batch: 1, lines: lines.slice(1_500) })
  await stop()
  const pages = await all(id)
  expect(pages.length).toBeGreaterThan(1)
  expect(pages.flat().map(({ text }) => text)).toEqual(lines.map(({ text }) => text))
})

test('what is kept while it works is there soon, and what is kept at once is few statements', async () => {
  const { db, writer } = await place()
  const ids = Array.from({ length: 150 }, () => randomUUID())
  for (const executionId of ids) writer.keep({ executionId, attempt: 1, batch: 0, lines: [line('here')] })
  await until(async () => (await findLogs(db, ids.at(-1) ?? '', null)).lines.length === 1)
  const [row] = await db.execute<{ times: string }>('select count(distinct at) as times from attempt_logs')
  expect(Number(row?.times)).toBeLessThanOrEqual(2)
})

test('a database that refuses for a moment costs nothing', async () => {
  const { db, writer, stop, all } = await place()
  await db.execute('alter table attempt_logs rename to away')
  const id = randomUUID()
  writer.keep({ executionId: id, attempt: 1, batch: 0, lines: [line('kept')] })
  await new Promise(resolve => setTimeout(resolve, 300))
  await db.execute('alter table away rename to attempt_logs')
  await until(async () => (await all(id)).flat().length === 1)
  await stop()
})

test('lines lie in partitions that are dropped when they are old, and what lies in none is deleted', async () => {
  const { db, writer, stop, all } = await place()
  const [old, young] = [randomUUID(), randomUUID()]
  const keepSeconds = 8 * 86_400
  writer.keep({ executionId: old, attempt: 1, batch: 0, lines: [line('old')] })
  await until(async () => (await all(old)).flat().length === 1)
  await db.execute("update attempt_logs set at = at - interval '9 days'")
  await keepHistory({ db }, keepSeconds)
  expect(await listSpans(db, 'attempt_logs')).not.toEqual([])
  expect((await all(old)).flat()).toEqual([])
  writer.keep({ executionId: young, attempt: 1, batch: 0, lines: [line('young')] })
  await stop()
  const [row] = await db.execute<{ name: string }>(
    'select tableoid::regclass::text as name from attempt_logs',
  )
  expect(row?.name).toMatch(/^attempt_logs_\d+_\d+$/)
})
