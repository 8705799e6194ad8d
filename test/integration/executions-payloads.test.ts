// Large arguments and results: kept in the artifact store, read back whole, and swept away with the last row that names them.
import { describe, expect, inject, test } from 'vitest'
import { liveExecutions, payloads as stored } from '../../src/db/schema.ts'
import { heldExecutions } from '../../src/executions/cancel-queued.ts'
import { sweepPayloads } from '../../src/executions/payloads.ts'
import { rerun } from '../../src/executions/rerun.ts'
import { findResult } from '../../src/executions/store.ts'
import { only, setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const large = 'ü'.repeat(50_000)

describe('a payload larger than a row may hold', () => {
  test('is not in the row, and is read back as it was', async () => {
    const here = await place()
    const { payloads } = here.core
    const { id } = await here.call(await here.deploy('one'), large)
    const row = await here.stateOf(id)
    expect(row.arguments).toMatch(/^@[0-9a-f]{64}$/)
    expect(JSON.parse(await payloads.read(row.arguments))).toEqual([large])
    const small = await here.call({ id: '', name: 'one', environmentId: here.environment.id }, 'small')
    expect((await here.stateOf(small.id)).arguments).toBe('["small"]')
  })

  test('is swept when no execution names it any more, and not before', async () => {
    const here = await place()
    const { core, artifacts, db } = here
    const one = await here.deploy('one')
    const { id } = await here.call(one, large)
    const { arguments: reference } = await here.stateOf(id)
    expect(await sweepPayloads(core, artifacts, 0)).toBe(0)
    await here.end(only((await here.claim(1)).executions), { kind: 'returned', result: null })
    expect(await sweepPayloads(core, artifacts, 0)).toBe(0)
    const again = await rerun(core, { environmentId: here.environment.id, id })
    if (again.kind !== 'created') throw new Error(again.kind)
    expect((await here.stateOf(again.execution.id)).arguments).toBe(reference)
    await db.execute('truncate finished_executions')
    expect(await sweepPayloads(core, artifacts, 0)).toBe(0)
    await db.delete(liveExecutions)
    expect(await sweepPayloads(core, artifacts, 3_600)).toBe(0)
    expect(await sweepPayloads(core, artifacts, 0)).toBe(1)
    await expect(core.payloads.read(reference)).rejects.toThrow('no artifact')
    expect(await db.select().from(stored)).toEqual([])
  })

  test('that is stored again while it is swept is there afterwards', async () => {
    const here = await place()
    const { core, artifacts } = here
    const one = await here.deploy('one')
    for (let round = 0; round < 20; round++) {
      const text = `${large}${round}`
      await core.payloads.keep(JSON.stringify([text]))
      await here.db.update(stored).set({ usedAt: new Date(0) })
      const [{ id }] = await Promise.all([here.call(one, text), sweepPayloads(core, artifacts, 3_600)])
      expect(JSON.parse(await core.payloads.read((await here.stateOf(id)).arguments))).toEqual([text])
    }
  })

  test('of a result, kept as the worker keeps it, is what the caller reads', async () => {
    const here = await place()
    const { id } = await here.call(await here.deploy('one'))
    const result = await here.core.payloads.keep(JSON.stringify(large))
    await here.end(only((await here.claim(1)).executions), { kind: 'returned', result })
    const found = await findResult(here.db, { environmentId: here.environment.id, id })
    expect(found?.result).toBe(result)
    expect(await sweepPayloads(here.core, here.artifacts, 0)).toBe(0)
  })

  test('is whole in what a deletion hands back', async () => {
    const here = await place()
    const one = await here.deploy('one')
    await here.call(one, large)
    const cancelled = await here.db.transaction(tx =>
      heldExecutions(here.core.payloads).cancelAll(tx, one.id),
    )
    expect(JSON.parse(only(cancelled).arguments)).toEqual([large])
  })
})
