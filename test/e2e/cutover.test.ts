// The test of the third seed over real pushes, seen from outside only: a function that is called again and again submits items to
// an endpoint, ten a run, one after another. A run is under way while B is pushed, and another while it is rolled back.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Item } from '../../bench/cutover/endpoint.ts'
import { judge, type Switch } from '../../bench/cutover/judge.ts'
import { createWorld, type World, writeProject } from '../support/world.ts'

const itemsOfRun = 10
const heldAt = 3
const callEveryMs = 50

const submit = (version: string) => `
async function submit(run: number, url: string) {
  for (let number = 1; number <= ${itemsOfRun}; number++)
    await fetch([url, '${version}', run, number, Date.now()].join('/'), { method: 'POST' })
}
export default defer(submit)`

let world: World
let endpoint: Endpoint
beforeAll(async () => {
  world = await createWorld({ SLUICE_CONCURRENCY: '8' })
  endpoint = await startEndpoint()
})
afterAll(async () => {
  await endpoint.close()
  await world.close()
})

test('every item comes once, and nothing begins after a switch as it was before', async () => {
  await writeProject(world, { 'submit.ts': submit('A') })
  const push = async (message: string, files: Record<string, string> = {}) => {
    const sha = await world.shop.commit(message, files)
    await world.shop.push('origin', 'HEAD')
    expect((await world.hub.check(sha, 'production')).conclusion).toBe('success')
  }
  await push('A')
  const token = await world.token('production')
  const issue = await world.hub.openIssue('Operations')
  const calls = startCalls(token)

  const switches: Switch[] = []
  const during = async (kind: Switch['kind'], to: string, change: () => Promise<unknown>) => {
    const held = await endpoint.holdNext()
    const askedMs = Date.now()
    await change()
    switches.push({ kind, to, askedMs, doneMs: Date.now() })
    await endpoint.until(() => begun().some(one => one.version === to && one.startedMs > askedMs))
    held.release()
    return held.item
  }
  const first = await during('cutover', 'B', () =>
    push('B', { 'defer/submit.ts': `import { defer } from '@defer/client'\n${submit('B')}\n` }),
  )
  const second = await during('rollback', 'A', async () => {
    const { reaction } = await world.hub.command(issue, 'max', '/rollback production')
    expect(reaction).toBe('rocket')
  })
  const runs = await calls.stop()
  await endpoint.until(() => endpoint.items.length >= runs * itemsOfRun)

  const verdict = judge(endpoint.items, switches, { runs, itemsOfRun })
  expect(verdict).toMatchObject({ lost: 0, twice: 0, startedAfter: 0, switches: 2 })
  expect([first.version, second.version]).toEqual(['A', 'B'])
  for (const [, items] of Map.groupBy(endpoint.items, one => one.run))
    expect(new Set(items.map(one => one.version)).size).toBe(1)
  const gaps = verdict.gapsMs.map(gap => `${gap} ms`).join(' and ')
  console.log(
    `${runs} runs, ${verdict.items} items, lost 0 (the seed: 2). From the last start to the first of the other version: ${gaps}.`,
  )
})

const begun = () => endpoint.items.filter(one => one.number === 1)

/** As a schedule would, whatever becomes of the calls before. */
function startCalls(token: string) {
  let stopping = false
  const calling = (async () => {
    for (let run = 0; ; run++) {
      if (stopping) return run
      const call = { function_name: 'submit', function_arguments: [run, endpoint.url] }
      expect((await world.call(token, 'PUT', '/public/v2/executions', call)).status).toBe(201)
      await sleep(callEveryMs)
    }
  })()
  return {
    /** How many were called. */
    stop() {
      stopping = true
      return calling
    },
  }
}

interface Held {
  item: Item
  release(): void
}

type Endpoint = Awaited<ReturnType<typeof startEndpoint>>

/** Notes what was submitted, with the time at which the function did; lets a run wait in the middle where it is asked to. */
async function startEndpoint() {
  const items: Item[] = []
  const looks = new Set<() => void>()
  let hold: ((held: Held) => void) | null = null
  const server = http.createServer((request, response) => {
    const [, version = '', run, number, startedMs] = (request.url ?? '').split('/')
    const item = { version, run: Number(run), number: Number(number), startedMs: Number(startedMs) }
    items.push(item)
    const release = () => void response.writeHead(204).end()
    if (hold && item.number === heldAt) {
      hold({ item, release })
      hold = null
    } else release()
    for (const look of looks) look()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    items,
    /** The next run that comes to its middle waits there. */
    holdNext: () => new Promise<Held>(resolve => (hold = resolve)),
    until: (wanted: () => boolean) =>
      new Promise<void>(resolve => {
        const look = () => {
          if (wanted() && looks.delete(look)) resolve()
        }
        looks.add(look)
        look()
      }),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
