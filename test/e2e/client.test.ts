// `sluice/client` as it is installed: packed, used by functions that the builder finds, and by applications on every Node of this
// machine, against the real API, database, worker and child processes. The example of docs/client.md is one of them.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { createRepositoryToken, createToken, runtimeToken } from '../../src/api/tokens.ts'
import { connect } from '../../src/db/client.ts'
import { createPayloads } from '../../src/executions/payloads.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { createWeb } from '../../src/web.ts'
import { log } from '../integration/executions-setup.ts'
import { createTestBuilder, isolationOfMachine } from '../support/builder.ts'
import {
  compileApplication,
  nodesOfMachine,
  packClient,
  projectWithClient,
} from '../support/client-package.ts'
import { freshDatabase } from '../support/postgres.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')
const fixture = path.join(root, 'test/fixtures/client')
const read = (file: string) => readFile(path.join(fixture, file), 'utf8')
const nodes = await nodesOfMachine()

async function start() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-client-'))
  const packed = path.join(folder, 'packed')
  await packClient(packed)
  const url = await freshDatabase(inject('postgresUrl'))
  const { db, close } = connect(url, { max: 10, name: 'client test' })
  const place = await createTestBuilder(db)
  const environment = await place.environment()
  const build = await place.build(environment.id, await projectWithClient(packed, fixture))
  const core = { ...place.core, payloads: createPayloads(db, place.artifacts) }
  const { masterKey } = place
  const web = await createWeb([publicApi({ core, masterKey, log })], async () => {}, log)
  const endpoint = await web.listen('127.0.0.1', 0)
  const runner = createProcessRunner({
    artifacts: place.artifacts,
    folder: path.join(folder, 'runner'),
    concurrency: 3,
    environmentFor: id => ({ DEFER_TOKEN: runtimeToken(masterKey, id), DEFER_ENDPOINT: endpoint }),
    isolation: isolationOfMachine,
    log,
  })
  const config = { concurrency: 3, historySeconds: 86_400 }
  const services = createExecutionWorker({ core, url, runner, config, log })
  await startAll(services)
  const programs = await compileApplication(path.join(folder, 'app'), packed, {
    'app.ts': await read('app.ts'),
    'example.ts': await exampleIn('app.ts'),
    'common.cts':
      "import client = require('sluice/client')\nconsole.log(Object.keys(client).sort().join())\n",
    'module.ts': "import * as client from 'sluice/client'\nconsole.log(Object.keys(client).sort().join())\n",
    ...Object.fromEntries(
      await Promise.all(
        ['greet', 'fails', 'nothing', 'waits', 'outer'].map(async name => [
          `defer/${name}.ts`,
          await read(`defer/${name}.ts`),
        ]),
      ),
    ),
  })
  const token = await createToken(db, environment.id)
  return {
    db,
    build,
    environment,
    async application(node: string, program: string, env: Record<string, string> = { SLUICE_TOKEN: token }) {
      const { stdout } = await run(node, [path.join(programs, program)], {
        env: { SLUICE_URL: endpoint, ...env },
      })
      return stdout.trim()
    },
    async stop() {
      await stopAll(services, new Date(Date.now() + 3_000))
      await web.close()
      await place.close()
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What stands in docs/client.md under that name. */
async function exampleIn(name: string): Promise<string> {
  const text = await readFile(path.join(root, 'docs/client.md'), 'utf8')
  return new RegExp(`\`\`\`ts ${name}\n(.*?)\`\`\``, 's').exec(text)?.[1] ?? ''
}

let world: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  world = await start()
})
afterAll(() => world?.stop())

test('functions made with it are found with their options', async () => {
  expect(world.build.failure).toBeNull()
  const found = new Map(world.build.manifest?.map(one => [one.name, one.options]))
  expect([...found.keys()].sort()).toEqual(['fails', 'greet', 'nothing', 'outer', 'waits'])
  expect(found.get('greet')?.retry).toMatchObject({ maxAttempts: 3, initialInterval: 30 })
  expect(found.get('nothing')).toMatchObject({
    cron: { schedule: '0 6 * * *', timezone: 'Europe/Berlin', overlap: 'allow' },
    grace: 60,
  })
})

describe.each(nodes)('an application on Node $version', ({ file, version }) => {
  test('does all that there is', async () => {
    const done = JSON.parse(await world.application(file, 'app.js'))
    expect(done).toEqual({
      result: { hello: 'ada' },
      nothing: true,
      thrown: {
        kind: 'ExecutionFailed',
        name: 'RangeError',
        code: 'execution_failed',
        message: 'no stock left',
        place: expect.stringContaining('defer/fails.ts:4'),
      },
      missing: expect.objectContaining({ kind: 'ExecutionNotFound', code: 'not_found' }),
      noSignal: true,
      bulk: { result: { hello: 'one' }, second: 'created' },
      repeated: [true, 'conflict'],
      changed: {
        listed: [true],
        result: 'later',
        attempts: ['succeed'],
        refusal: 'ExecutionNotReschedulable',
        cancelled: 'cancelled',
      },
      aborted: ['ExecutionNotCancellable', 'execution_aborted'],
      stopped: 'enough',
      within: { hello: 'within' },
    })
    // The next Node's run gives its keys and metadata anew.
    await world.db.execute(
      `delete from idempotency_keys; delete from live_executions; delete from finished_executions`,
    )
    expect(version).toMatch(/^v/)
  })

  test('has the same names by import and by require', async () => {
    const [asModule, asCommon] = [
      await world.application(file, 'module.js'),
      await world.application(file, 'common.cjs'),
    ]
    expect(asModule).toContain('awaitResult')
    expect(asCommon.split(',').filter(name => name !== '__esModule' && name !== 'default')).toEqual(
      asModule.split(',').filter(name => name !== 'default'),
    )
  })
})

test('the example of docs/client.md is what runs here', async () => {
  expect(await exampleIn('defer/greet.ts')).toBe(await read('defer/greet.ts'))
  expect((await world.application(process.execPath, 'example.js')).split('\n')).toEqual([
    "{ hello: 'Ada' }",
    'created',
    'true',
    '2',
  ])
})

test('with a token of the repository it calls the environment of the branch that its host tells', async () => {
  const { environment, db } = world
  const token = await createRepositoryToken(db, environment.repositoryId, true)
  const onVercel = { SLUICE_TOKEN: token, VERCEL_GIT_COMMIT_REF: environment.branch }
  expect(await world.application(process.execPath, 'example.js', onVercel)).toContain("{ hello: 'Ada' }")
  const elsewhere = { SLUICE_TOKEN: token, NETLIFY: 'true', HEAD: 'no-such-branch' }
  await expect(world.application(process.execPath, 'example.js', elsewhere)).rejects.toThrow(
    'No open environment is of the branch "no-such-branch"',
  )
  await expect(world.application(process.execPath, 'example.js', { SLUICE_TOKEN: token })).rejects.toThrow(
    'nothing says which of its environments is meant',
  )
})
