// How long a claim takes that finds one execution, as a worker makes it: from the question which functions have something due
// until its commit. Each is settled before the next is asked for.
import { connect } from '../../src/db/client.ts'
import { claim } from '../../src/executions/claim.ts'
import { enqueue } from '../../src/executions/enqueue.ts'
import { settle } from '../../src/executions/settle.ts'
import { functionName } from '../engine/noop.ts'
import type { Sluice } from '../engine/sluice.ts'

const warmUps = 10

export async function claimTimesMs(url: string, { core, one }: Sluice, amount: number): Promise<number[]> {
  const { db, close } = connect(url, { max: 2, name: 'claims', planning: 'by index' })
  const engine = { ...core, db }
  const times: number[] = []
  for (let call = 0; call < warmUps + amount; call++) {
    await enqueue(core, { environmentId: one.environmentId, functionName, arguments: [0] })
    const from = performance.now()
    const { executions } = await claim(engine, { workerId: 'bench', slots: 1, ahead: 0 })
    if (call >= warmUps) times.push(performance.now() - from)
    const [claimed] = executions
    if (!claimed) throw new Error('nothing was claimed')
    await settle(engine, claimed, { to: 'succeeded', result: '0' })
  }
  await close()
  return times
}
