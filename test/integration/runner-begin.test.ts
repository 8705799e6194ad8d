// Whether an attempt may begin is asked when its process has loaded the code, right before the function is called.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runOne } from '../support/runner.ts'
import { setup } from './runner-setup.ts'

test('what may not begin any more is not called, and the next call finds a process', async () => {
  const { run, runner, artifacts, folder } = setup()
  const file = path.join(folder, 'called')
  const code = `import fs from 'node:fs'\nexport default file => { fs.writeFileSync(file, ''); return 1 }`
  const digest = await artifacts.put(Buffer.from(code))
  const attempt = {
    executionId: 'e1',
    number: 1,
    environmentId: 'env1',
    functionId: 'f1',
    functionName: 'one',
    versionId: digest,
    bundleDigest: digest,
    sourceMapDigest: await artifacts.put(Buffer.from('{"version":3,"sources":[],"mappings":""}')),
    arguments: JSON.stringify([file]),
    maxDurationMs: 60_000,
  }
  const exit = await runOne(runner, attempt, undefined, async () => false)
  expect(exit).toEqual({ kind: 'not_begun' })
  expect(existsSync(file)).toBe(false)
  expect(await run(code, { args: [file] })).toEqual({ kind: 'returned', result: '1' })
})
