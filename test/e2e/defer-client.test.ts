// The unmodified @defer/client, 2.3.0 and 1.15.0, in a process of its own against the real API, database, worker and child
// processes. The functions too are bundles with the real client inside.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { createToken, runtimeToken } from '../../src/api/tokens.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { createWeb } from '../../src/web.ts'
import { log, type Place, setup, until } from '../integration/executions-setup.ts'
import { isolationOfMachine } from '../support/builder.ts'

const root = path.resolve(import.meta.dirname, '../..')
const masterKey = 'a master key for tests, nothing more'
const noRetry = { maxAttempts: 0, initialInterval: 0, randomizationFactor: 0, multiplier: 1, maxInterval: 0 }

const functions = {
  greet: { body: 'async function greet(name: string) { return { hello: name } }' },
  fails: { body: 'async function fails(what: string) {\n  throw new RangeError("no " + what + " left")\n}' },
  nothing: { body: 'async function nothing() {}' },
  slow: {
    body: 'async function slow(ms: number) { await new Promise(done => setTimeout(done, ms)); return ms }',
  },
  stuck: { body: 'async function stuck() { for (;;) {} }', options: { maxDuration: 0.5 } },
  flaky: {
    body: 'let tries = 0\nasync function flaky() { if (++tries % 2 === 1) throw new Error("not yet"); return tries }',
    options: { retry: { ...noRetry, maxAttempts: 1 } },
  },
  outer: {
    body: 'const inner = defer(async function greet(_: string) {})\nasync function outer(name: string) { return (await inner(name)).id }',
  },
}
type Name = keyof typeof functions

async function deployAll(place: Place, client: string): Promise<void> {
  for (const [name, one] of Object.entries(functions)) {
    const built = await build({
      stdin: {
        contents: `import { defer } from '${client}'\n${one.body}\nexport default defer(${name})`,
        resolveDir: root,
        sourcefile: `${name}.ts`,
        loader: 'ts',
      },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      sourcemap: 'linked',
      outfile: `${name}.mjs`,
    })
    const text = (ending: string) => built.outputFiles.find(file => file.path.endsWith(ending))?.text ?? ''
    const options = 'options' in one ? one.options : {}
    await place.deploy(name, options, { code: text('.mjs'), sourceMap: text('.mjs.map') })
  }
}

interface Thrown {
  kind: string
  message: string
  stack: string
}

interface Execution {
  id: string
  state: string
  functionName: string
  functionId: string
  scheduledAt: string
}

/** An application: a Node process that has nothing but the client and the two variables. */
function startApplication(client: string, env: Record<string, string>) {
  const program = `
    const named = name => ({ [name]: async () => {} })[name]
    Math.random = () => 0 // the clients wait at random, up to 15 s
    const client = await import('${client}')
    process.on('message', async ({ id, verb, target, options, args }) => {
      try {
        let fn = target === undefined ? undefined : client.defer(named(target))
        const dates = value => (value && value.date ? new Date(value.date) : value)
        if (fn && options) fn = client.assignOptions(fn, Object.fromEntries(Object.entries(options).map(([k, v]) => [k, dates(v)])))
        const value = verb === 'call' ? await fn(...args) : fn ? await client[verb](fn)(...args) : await client[verb](...args.map(dates))
        process.send({ id, value, kind: value === undefined ? 'undefined' : 'value' })
      } catch (error) {
        process.send({ id, thrown: { kind: error.constructor.name, message: error.message, stack: error.stack } })
      }
    })
    process.send({ id: 0 })`
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, (answer: { value?: unknown; thrown?: Thrown }) => void>()
  child.on('message', (answer: { id: number; value?: unknown; thrown?: Thrown }) =>
    waiting.get(answer.id)?.(answer),
  )
  const ready = new Promise(resolve => waiting.set(0, resolve))
  let last = 0
  async function ask(request: {
    verb: string
    target?: Name | 'unknown'
    options?: object
    args: unknown[]
  }) {
    await ready
    const id = ++last
    const answer = new Promise<{ value?: unknown; thrown?: Thrown }>(resolve => waiting.set(id, resolve))
    child.send({ id, ...request })
    return answer
  }
  async function value(request: Parameters<typeof ask>[0]) {
    const { value, thrown } = await ask(request)
    if (thrown)
      throw Object.assign(new Error(thrown.message), { kind: thrown.kind, stackThere: thrown.stack })
    return value
  }
  return {
    stop: () => child.kill('SIGKILL'),
    call: (target: Name | 'unknown', args: unknown[] = [], options?: object) =>
      value({ verb: 'call', target, args, ...(options ? { options } : {}) }) as Promise<Execution>,
    awaitResult: (target: Name, ...args: unknown[]) => value({ verb: 'awaitResult', target, args }),
    use: (verb: string, ...args: unknown[]) => value({ verb, args }),
  }
}

async function start(client: string) {
  const place = await setup(inject('postgresUrl'), false)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-e2e-'))
  await deployAll(place, client)
  const web = await createWeb([publicApi({ core: place.core, masterKey, log })], async () => {}, log)
  const endpoint = await web.listen('127.0.0.1', 0)
  const runner = createProcessRunner({
    artifacts: place.artifacts,
    folder,
    concurrency: 3,
    environmentFor: id => ({ DEFER_TOKEN: runtimeToken(masterKey, id), DEFER_ENDPOINT: endpoint }),
    isolation: isolationOfMachine,
    log,
  })
  const services = createExecutionWorker({
    core: place.core,
    url: place.url,
    runner,
    config: { concurrency: 3, historySeconds: 86_400 },
    log,
  })
  await startAll(services)
  const token = await createToken(place.db, place.environment.id)
  const app = startApplication(client, { DEFER_ENDPOINT: endpoint, DEFER_TOKEN: token })
  const stop = async () => {
    app.stop()
    await stopAll(services, new Date(Date.now() + 3_000))
    await web.close()
    await place.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...place, app, stop, endpoint }
}
type World = Awaited<ReturnType<typeof start>>

const inAnHour = () => ({ date: Date.now() + 3_600_000 })

describe('@defer/client 2.3.0', () => {
  let world: World
  beforeAll(async () => {
    world = await start('@defer/client')
  })
  afterAll(() => world.stop())

  const get = async (id: string) => (await world.app.use('getExecution', id)) as Execution
  const reaches = (id: string, state: string) => until(async () => (await get(id)).state === state)
  const list = async (page?: object, filters?: object) =>
    (await world.app.use('listExecutions', page, filters)) as {
      data: Execution[]
      pageInfo: { hasNextPage: boolean; hasPrevPage: boolean; startCursor: string; endCursor: string }
    }

  test('enqueues and awaits the result', async () => {
    expect(await world.app.awaitResult('greet', 'ada')).toEqual({ hello: 'ada' })
  })

  test('rejects with the message and the source-mapped stack of what the function threw', async () => {
    const failed = world.app.awaitResult('fails', 'stock')
    await expect(failed).rejects.toMatchObject({ message: 'no stock left', kind: 'DeferError' })
    await expect(failed).rejects.toMatchObject({
      stackThere: 'RangeError: no stock left\n    at fails (fails.ts:3:9)',
    })
  })

  test('sees failed only when no retry is left', async () => {
    expect(await world.app.awaitResult('flaky')).toBe(2)
    const [{ id } = { id: '' }] = (await list({ first: 1 })).data
    const attempts = (await world.app.use('listExecutionAttempts', id)) as { data: Execution[] }
    expect(attempts.data.map(one => one.state)).toEqual(['succeed', 'failed'])
  })

  test('has no result of a function that returned nothing, and not yet one of a function that has not run', async () => {
    const { id } = await world.app.call('nothing')
    await reaches(id, 'succeed')
    await expect(world.app.use('getExecutionResult', id)).rejects.toMatchObject({
      kind: 'ExecutionResultNotAvailable',
    })
    const later = await world.app.call('nothing', [], { delay: '1h' })
    await expect(world.app.use('getExecutionResult', later.id)).rejects.toMatchObject({
      kind: 'ExecutionResultNotAvailableYet',
    })
  })

  test('delays, reschedules, and cancels what has not started', async () => {
    const delayed = await world.app.call('greet', ['later'], { delay: '1h' })
    expect(delayed).toMatchObject({ state: 'created', functionName: 'greet' })
    expect(new Date(delayed.scheduledAt).getTime()).toBeGreaterThan(Date.now() + 3_500_000)
    await world.app.use('rescheduleExecution', delayed.id)
    await reaches(delayed.id, 'succeed')
    await expect(world.app.use('rescheduleExecution', delayed.id, '1h')).rejects.toMatchObject({
      kind: 'ExecutionNotReschedulable',
    })
    const other = await world.app.call('greet', ['never'], { delay: inAnHour() })
    expect(await world.app.use('cancelExecution', other.id)).toMatchObject({ state: 'cancelled' })
    await expect(world.app.use('cancelExecution', other.id, true)).rejects.toMatchObject({
      kind: 'ExecutionNotCancellable',
    })
  })

  test('aborts a started one by force, within a moment', async () => {
    const { id } = await world.app.call('slow', [60_000])
    await reaches(id, 'started')
    await expect(world.app.use('cancelExecution', id)).rejects.toMatchObject({
      kind: 'ExecutionNotCancellable',
    })
    expect(await world.app.use('cancelExecution', id, true)).toMatchObject({ id, state: 'aborting' })
    await reaches(id, 'aborted')
  })

  test('discards what could only start too late', async () => {
    const { id } = await world.app.call('greet', ['x'], { delay: '2h', discardAfter: '1h' })
    expect((await get(id)).state).toBe('discarded')
    const next = await world.app.call('greet', ['x'], {
      delay: '1h',
      discardAfter: { date: Date.now() + 300 },
    })
    await reaches(next.id, 'discarded')
  })

  test('runs again what has finished, as an execution of its own', async () => {
    const { id } = await world.app.call('greet', ['again'])
    await reaches(id, 'succeed')
    const again = (await world.app.use('reRunExecution', id)) as Execution
    expect(again.id).not.toBe(id)
    await reaches(again.id, 'succeed')
    expect(await world.app.use('getExecutionResult', again.id)).toEqual({ hello: 'again' })
  })

  test('is told of a time limit by its code', async () => {
    const { id } = await world.app.call('stuck')
    await reaches(id, 'failed')
    expect((await list(undefined, { errorCodes: ['ER0001'] })).data.map(one => one.id)).toEqual([id])
    expect(await world.app.use('getExecutionResult', id)).toMatchObject({ name: 'TimeoutError' })
  })

  test('lists with filters, in pages, newest first', async () => {
    const ids: string[] = []
    for (let index = 0; index < 5; index++)
      ids.unshift((await world.app.call('greet', [index], { metadata: { batch: 'seven' }, delay: '1h' })).id)
    const filters = { metadata: [{ key: 'batch', values: ['seven'] }], states: ['created'] }
    const first = await list({ first: 2 }, filters)
    expect(first.data.map(one => one.id)).toEqual(ids.slice(0, 2))
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPrevPage: false })
    const second = await list({ first: 2, after: first.pageInfo.endCursor }, filters)
    expect(second.data.map(one => one.id)).toEqual(ids.slice(2, 4))
    const back = await list({ last: 2, before: second.pageInfo.startCursor }, filters)
    expect(back.data.map(one => one.id)).toEqual(ids.slice(0, 2))
    const [{ functionId } = { functionId: '' }] = first.data
    const scheduleAt = { from: new Date(Date.now() - 1_000), to: new Date(Date.now() + 7_200_000) }
    const all = await list(undefined, {
      ...filters,
      functionIds: [functionId],
      scheduleAt,
      executedBy: 'api',
    })
    expect(all.data).toHaveLength(5)
    expect(
      (await list(undefined, { ...filters, metadata: [{ key: 'batch', values: ['eight'] }] })).data,
    ).toEqual([])
  })

  test('inside a function, calling another one enqueues it', async () => {
    const id = (await world.app.awaitResult('outer', 'grace')) as string
    await reaches(id, 'succeed')
    expect(await world.app.use('getExecutionResult', id)).toEqual({ hello: 'grace' })
  })

  test('is told the name of a function that does not exist', async () => {
    await expect(world.app.call('unknown')).rejects.toThrow('There is no function named "unknown"')
    const nowhere = '00000000-0000-4000-8000-000000000000'
    await expect(world.app.use('getExecution', nowhere)).rejects.toMatchObject({ kind: 'ExecutionNotFound' })
  })

  test('is told that its metadata is refused', async () => {
    await expect(world.app.call('greet', [], { metadata: { name: 'é' } })).rejects.toThrow('printable ASCII')
  })
})

describe('@defer/client 1.15.0', () => {
  let world: World
  beforeAll(async () => {
    world = await start('defer1')
  })
  afterAll(() => world.stop())

  const get = async (id: string) =>
    (await world.app.use('getExecution', id)) as Execution & { result: unknown }
  const reaches = (id: string, state: string) => until(async () => (await get(id)).state === state)

  test('enqueues, awaits, and rejects with what the function threw', async () => {
    expect(await world.app.awaitResult('greet', 'ada')).toEqual({ hello: 'ada' })
    await expect(world.app.awaitResult('fails', 'stock')).rejects.toMatchObject({ message: 'no stock left' })
  })

  test('delays, reschedules, cancels, aborts and looks at tries', async () => {
    const { id } = await world.app.call('greet', ['later'], { delay: '1h', metadata: { a: 'b' } })
    expect(await get(id)).toEqual({ id, state: 'created' })
    expect(await world.app.use('getExecutionTries', id)).toEqual([])
    expect(await world.app.use('rescheduleExecution', id)).toEqual({ id })
    await reaches(id, 'succeed')
    expect(await get(id)).toEqual({ id, state: 'succeed', result: { hello: 'later' } })
    expect(await world.app.use('getExecutionTries', id)).toMatchObject([{ state: 'succeed' }])
    const other = await world.app.call('greet', [], { delay: '1h' })
    expect(await world.app.use('cancelExecution', other.id)).toEqual({ id: other.id })
    const slow = await world.app.call('slow', [60_000])
    await reaches(slow.id, 'started')
    await world.app.use('cancelExecution', slow.id, true)
    await reaches(slow.id, 'aborted')
    await expect(world.app.use('cancelExecution', slow.id)).rejects.toMatchObject({ kind: 'APIError' })
  })

  test('calls another function from inside one', async () => {
    const id = (await world.app.awaitResult('outer', 'grace')) as string
    await reaches(id, 'succeed')
  })
})
