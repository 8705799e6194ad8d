// What a project's code may be made of: each case is bundled and discovered by a real build, and its functions are then called
// in the runner's own child processes.
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import type { Runner } from '../../src/executions/ports.ts'
import type { FoundFunction } from '../../src/functions/manifest.ts'
import { createLog } from '../../src/log.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bareFiles, type Files, noRetry } from '../support/projects.ts'

let database: Database
let place: Awaited<ReturnType<typeof createTestBuilder>>
let runner: Runner
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'bundling test' })
  place = await createTestBuilder(database.db)
  runner = createProcessRunner({
    artifacts: place.artifacts,
    folder: path.join(place.folders.builds, '../runner'),
    concurrency: 1,
    environmentFor: () => ({ DEFER_TOKEN: 'test', SECRET_KEY: 'hush', PUBLIC_NAME: 'shop' }),
    log: createLog('silent'),
  })
})
afterAll(async () => {
  await runner.stop()
  await place.close()
  await database.close()
})

let projects = 0

/** Each project has a folder of the repository to itself; `root` is below it. */
async function build(files: Files, root = '.') {
  const folder = `project-${projects++}`
  const environment = await place.environment({ root: path.join(folder, root) })
  const own = Object.entries({ ...bareFiles, ...files }).map(([name, text]) => [`${folder}/${name}`, text])
  const built = await place.build(environment.id, Object.fromEntries(own))
  return { ...built, log: await place.log(built.id) }
}

async function call(found: FoundFunction, ...args: unknown[]): Promise<unknown> {
  const attempt = {
    executionId: 'e1',
    number: 1,
    environmentId: 'env1',
    functionId: found.name,
    functionName: found.name,
    versionId: found.bundleDigest,
    bundleDigest: found.bundleDigest,
    sourceMapDigest: found.sourceMapDigest,
    arguments: JSON.stringify(args),
    maxDurationMs: 10_000,
  }
  const exit = await runner.run(attempt, new AbortController().signal)
  return exit.kind === 'returned' ? JSON.parse(exit.result ?? 'null') : exit
}

describe('plain functions', () => {
  test('need no import of ours: name, config and arguments, in each way to write them', async () => {
    const { failure, manifest } = await build({
      'src/functions/send.ts': `export const config = { cron: '0 6 * * *', retry: { maxAttempts: 2 }, concurrency: 1, maxDuration: 60 }
export default async function send(to: string, n: number) { return [to, n] }
`,
      'src/functions/mail/daily-report.ts': 'export default async () => "anonymous"\n',
      'src/functions/anonymous.mjs': 'export default async function () { return "no name" }\n',
      'src/functions/legacy.cjs':
        'module.exports = async function legacy() { return "cjs" }\nmodule.exports.config = { retry: true }\n',
    })
    expect(failure).toBeNull()
    const none = { cron: null, retry: noRetry, concurrency: null, maxDuration: null }
    expect(manifest?.map(({ name, options }) => [name, options])).toEqual([
      ['anonymous', { ...none, maxConcurrencyAction: 'keep' }],
      ['daily-report', { ...none, maxConcurrencyAction: 'keep' }],
      ['legacy', { ...none, retry: { ...noRetry, maxAttempts: 13 }, maxConcurrencyAction: 'keep' }],
      [
        'send',
        {
          cron: '0 6 * * *',
          retry: { ...noRetry, maxAttempts: 2 },
          concurrency: 1,
          maxDuration: 60,
          maxConcurrencyAction: 'keep',
        },
      ],
    ])
    const [anonymous, report, legacy, send] = manifest ?? []
    if (!anonymous || !report || !legacy || !send) throw new Error('functions are missing')
    expect(await call(anonymous)).toBe('no name')
    expect(await call(report)).toBe('anonymous')
    expect(await call(legacy)).toBe('cjs')
    expect(await call(send, 'ada', 3)).toEqual(['ada', 3])
  })

  test('a change of the config alone is a change of the function', async () => {
    const written = (cron: string) => ({
      'functions/tick.ts': `export const config = { cron: '${cron}' }\nexport default async function tick() {}\n`,
    })
    const before = await build(written('0 6 * * *'))
    const after = await build(written('0 7 * * *'))
    expect(before.manifest?.[0]?.options.cron).toBe('0 6 * * *')
    expect(after.manifest?.[0]?.options.cron).toBe('0 7 * * *')
  })

  test.each<[string, string, string, RegExp]>([
    ['a class', 'export default class Send {}', 'not_a_background_function', /of type function/],
    [
      'nothing',
      'export const send = 1',
      'default_export_missing',
      /export default async function yourFunction/,
    ],
    [
      'an option there is none of',
      'export const config = { crons: "* * * * *" }\nexport default async function send() {}',
      'options_invalid',
      /functions\/send.ts cannot be used: config has no option crons/,
    ],
  ])('%s is refused', async (_, code, reason, message) => {
    const { failure } = await build({ 'functions/send.ts': `${code}\n` })
    expect(failure).toMatchObject({ code: reason, message: expect.stringMatching(message) })
  })

  test('a defer folder wins, and the log says what was not looked into', async () => {
    const { failure, log } = await build({
      'functions/a.ts': 'export default async function a() {}\n',
      'defer/README.md': '',
      'defer/b.js':
        'const b = () => {}\nb.__fn = async function b() {}\nb.__metadata = {}\nexport default b\n',
    })
    expect(failure).toBeNull()
    expect(log).toContainEqual(expect.stringMatching(/Not looked into: project-\d+\/functions$/))
    expect(log).toContain('compiling: Functions: b')
  })
})
