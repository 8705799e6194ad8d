// Before a switch, workers that run its functions have started processes of the version to come; what is not run is not
// started, and a switch needs nobody's answer.
import { eq } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { executions, functions, versions } from '../../src/db/schema.ts'
import type { Runner, Version } from '../../src/executions/ports.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { fingerprint } from '../../src/functions/manifest.ts'
import { releaseBuild } from '../../src/functions/release.ts'
import { rollback } from '../../src/functions/rollback.ts'
import { warmBuild } from '../../src/functions/warm-build.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { found, insertBuild } from '../support/place.ts'
import { inTurn } from '../support/runner.ts'
import { log, setup, until } from './executions-setup.ts'

async function withWorker(warm: Runner['warm']) {
  const here = await setup(inject('postgresUrl'))
  const runner: Runner = {
    run: inTurn(async () => ({ kind: 'returned', result: '1' })),
    warn() {},
    warm,
    stop: async () => {},
  }
  const config = { concurrency: 2, historySeconds: 86_400 }
  const services = createExecutionWorker({ core: here.core, url: here.url, runner, config, log })
  await startAll(services)
  onTestFinished(() => stopAll(services, new Date(Date.now() + 3_000)))
  const runOnce = async (name: string) => {
    const [one] = await here.db.select().from(functions).where(eq(functions.name, name))
    if (!one) throw new Error(`no function ${name}`)
    const { id } = await here.call(one)
    await until(async () => {
      const [row] = await here.db.select().from(executions).where(eq(executions.id, id))
      return row?.state === 'succeeded'
    })
  }
  return { ...here, runOnce }
}

test('the version to come is started under the id it will have, where its function runs', async () => {
  const warmed: Version[] = []
  const here = await withWorker(async version => warmed.push(version) > 0)
  await here.deploy('runs')
  await here.deploy('rests')
  await here.runOnce('runs')
  const manifest = [found('rests', '2'), found('runs', '2')]
  const build = await insertBuild(here.db, here.environment.id, 9, manifest)
  await warmBuild(here.core, here.environment.id, manifest)
  await here.db.transaction(tx =>
    releaseBuild(tx, here.core, {
      environmentId: here.environment.id,
      buildId: build.id,
      kind: 'deploy',
      actor: 'push',
    }),
  )
  const [runs] = await here.db
    .select()
    .from(versions)
    .where(eq(versions.fingerprint, fingerprint(found('runs', '2'))))
  expect(warmed.map(one => [one.functionId, one.versionId])).toEqual([[runs?.functionId, runs?.id]])
})

test('of many changed functions those that run are started, wherever they stand, the most used first', async () => {
  const warmed: string[] = []
  const here = await withWorker(async version => warmed.push(version.functionId) > 0)
  const names = Array.from({ length: 24 }, (_, index) => `f${index}`)
  const idOf = new Map<string, string>()
  for (const name of names) idOf.set(name, (await here.deploy(name)).id)
  for (const name of ['f23', 'f2', 'f23']) await here.runOnce(name)
  const manifest = names.map(name => found(name, '2'))
  await warmBuild(here.core, here.environment.id, manifest)
  await until(async () => warmed.length >= 2) // where the machine is slow, nobody waited for the answer
  expect(warmed).toEqual(['f23', 'f2'].map(name => idOf.get(name)))
})

test('a rollback goes on when who was to start a process never says that it is ready', async () => {
  const asked = Promise.withResolvers<void>()
  const here = await withWorker(() => {
    asked.resolve()
    return new Promise<boolean>(() => {})
  })
  await here.deploy('one')
  await here.deploy('one', {}, { code: 'one 2' })
  await here.runOnce('one')
  const target = { environmentId: here.environment.id, functionName: 'one', to: null }
  const outcome = rollback(here.core, { ...target, actor: 'ada', reason: null, dryRun: false })
  await asked.promise
  expect(await outcome).toMatchObject({ kind: 'done', code: 'rolled_back' })
})
