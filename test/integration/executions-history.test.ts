// The history: what has finished lies in partitions by time, is read like what lives, and is dropped when it is old.
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { executions, finishedExecutions, liveExecutions } from '../../src/db/schema.ts'
import { listSpans } from '../../src/executions/history-store.ts'
import { keepHistory } from '../../src/executions/keep-history.ts'
import { only, type Place, setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const day = 86_400
const keepSeconds = 8 * day

async function finishOne(here: Place): Promise<string> {
  const one = await here.deploy('one', {}, { code: randomUUID() })
  const { id } = await here.call(one)
  await here.end(only((await here.claim(1)).executions), { kind: 'returned', result: '1' })
  return id
}

async function partitionOf({ db }: Place, id: string): Promise<string> {
  const rows = await db.execute<{ name: string }>(
    sql`select tableoid::regclass::text as name from finished_executions where id = ${id}`,
  )
  return only(rows).name
}

/** As if so much time had passed since it finished. */
const age = ({ db }: Place, id: string, days: number) =>
  db.execute(sql`
    update finished_executions set finished_at = finished_at - make_interval(days => ${days}) where id = ${id}
  `)

describe('the history', () => {
  test('takes what finishes out of the live table, and both are read as one', async () => {
    const here = await place()
    await keepHistory(here.core, keepSeconds)
    const id = await finishOne(here)
    const { id: waiting } = await here.call({ id: '', name: 'one', environmentId: here.environment.id })
    expect((await here.db.select().from(liveExecutions)).map(row => row.id)).toEqual([waiting])
    expect(only(await here.db.select().from(finishedExecutions)).id).toBe(id)
    expect((await here.db.select().from(executions).orderBy(executions.sequence)).map(row => row.id)).toEqual(
      [id, waiting],
    )
    expect(await partitionOf(here, id)).toMatch(/^finished_executions_\d+_\d+$/)
  })

  test('is dropped by whole partitions when all of them is older than what is kept', async () => {
    const here = await place()
    const { db, core } = here
    await keepHistory(core, keepSeconds)
    const spans = await listSpans(db, 'finished_executions')
    const [oldest] = spans.toSorted((one, other) => one.from - other.from)
    if (!oldest) throw new Error('no span')
    // A partition of long ago, with a row, as a Sluice that ran then would have left it.
    const from = oldest.from - 100 * day
    const old = sql.identifier(`finished_executions_${from}_${from + day}`)
    const bound = (seconds: number) => sql.raw(`'${new Date(seconds * 1_000).toISOString()}'`)
    await db.execute(
      sql`create table ${old} partition of finished_executions for values from (${bound(from)}) to (${bound(from + day)})`,
    )
    const id = await finishOne(here)
    await db.execute(sql`update finished_executions set finished_at = ${bound(from + 1)} where id = ${id}`)
    const recent = await finishOne(here)
    await keepHistory(core, keepSeconds)
    expect((await db.select().from(executions)).map(row => row.id)).toEqual([recent])
    expect(await listSpans(db, 'finished_executions')).toHaveLength(spans.length)
  })

  test('begins late where something had finished before anybody kept a place for it', async () => {
    const here = await place()
    const id = await finishOne(here)
    expect(await partitionOf(here, id)).toBe('finished_executions_rest')
    await keepHistory(here.core, keepSeconds)
    expect(await listSpans(here.db, 'finished_executions')).not.toEqual([])
    expect(await partitionOf(here, id)).toBe('finished_executions_rest')
    await age(here, id, 9)
    await keepHistory(here.core, keepSeconds)
    expect(await here.db.select().from(executions)).toEqual([])
  })

  test('many who keep it at once make each place once', async () => {
    const here = await place()
    await Promise.all(Array.from({ length: 6 }, () => keepHistory(here.core, keepSeconds)))
    await keepHistory(here.core, keepSeconds)
    const spans = await listSpans(here.db, 'finished_executions')
    expect(new Set(spans.map(span => span.from)).size).toBe(3)
  })

  test('one that reads for long delays no settle, and the change comes in a later round', async () => {
    const here = await place()
    await here.db.transaction(async tx => {
      await tx.execute(sql`select from finished_executions_rest`)
      await keepHistory(here.core, keepSeconds)
      expect(await listSpans(here.db, 'finished_executions')).toEqual([])
      await finishOne(here)
    })
    await keepHistory(here.core, keepSeconds)
    expect(await listSpans(here.db, 'finished_executions')).not.toEqual([])
  })
})
