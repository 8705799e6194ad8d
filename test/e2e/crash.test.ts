// What a kill -9 must not change: an acknowledged delivery is worked off, an accepted execution finishes, each once.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../sandbox/demo/wait.ts'
import { createWorld, type World, writeProject } from '../support/world.ts'

const inFlight = 20

let world: World
beforeAll(async () => {
  // Without walls, so that the function sees what it waits for.
  world = await createWorld({ SLUICE_CONCURRENCY: String(inFlight), SLUICE_ISOLATION: 'off' })
  await writeProject(world, {
    'wait-for-gate.ts': `
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
async function waitForGate(id: number, gate: string, ledger: string) {
  while (!existsSync(gate)) await sleep(50)
  appendFileSync(ledger, id + '\\n')
  return id
}
export default defer(waitForGate)`,
  })
})
afterAll(() => world.close())

test('M2: a delivery whose processing was killed is processed after the restart', async () => {
  const { sandbox, shop, hub } = world
  const gate = Promise.withResolvers<void>()
  const held = {
    pathPattern: /\/tarball\/|\/commits\/|\/branches\/|\/git\/ref/,
    status: 200,
    times: 1_000,
    until: gate.promise,
  }
  sandbox.github.faults.rest.push(held)
  const sha = await shop.commit('Wait at a gate')
  await shop.push('origin', 'HEAD')
  await sandbox.github.settled()
  expect(sandbox.github.deliveries().find(delivery => delivery.event === 'push')?.statusCode).toBe(202)
  await waitFor('the handler to ask for the head', async () => (held.times < 1_000 ? true : null))
  await world.stop('SIGKILL')
  sandbox.github.faults.rest.length = 0
  gate.resolve()
  await world.start()
  const check = await hub.check(sha, 'production')
  expect(check.conclusion).toBe('success')
})

test(`${inFlight} executions in flight when everything is killed: all finish after the restart, each settled once`, async () => {
  const [gate, ledger] = [path.join(world.folder, 'gate'), path.join(world.folder, 'ledger')]
  const token = await world.token('production')
  const ids: string[] = []
  for (let number = 0; number < inFlight; number++) {
    const { status, body } = await world.call(token, 'PUT', '/public/v2/executions', {
      function_name: 'waitForGate',
      function_arguments: [number, gate, ledger],
      schedule_for: new Date().toISOString(),
    })
    expect(status).toBe(201)
    ids.push(body.data.id)
  }
  const states = async () =>
    (await Promise.all(ids.map(id => world.call(token, 'GET', `/public/v2/executions/${id}`)))).map(
      answer => answer.body.data.state,
    )
  await waitFor('all to run', async () =>
    (await states()).every(state => state === 'started') ? true : null,
  )
  await world.restart('SIGKILL')
  await writeFile(gate, '')
  await waitFor('all to finish', async () =>
    (await states()).every(state => state === 'succeed') ? true : null,
  )

  for (const id of ids) {
    const { body } = await world.call(token, 'POST', `/public/v2/executions/${id}/attempts`, {})
    const ended = body.data.map((attempt: { state: string }) => attempt.state)
    expect(ended.filter((state: string) => state === 'succeed')).toHaveLength(1)
    expect(ended.length).toBeLessThanOrEqual(2)
  }
  expect(existsSync(ledger)).toBe(true)
  const lines = (await readFile(ledger, 'utf8')).trim().split('\n').map(Number)
  expect(new Set(lines).size).toBe(inFlight)
})
