// Another master key while the program runs: everything is read before, meanwhile and after, and nothing that somebody sets at the
// same moment is lost.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { connect } from '../../src/db/client.ts'
import { variables } from '../../src/db/schema.ts'
import { readVariables, setVariables } from '../../src/environments/variables.ts'
import { sealedVariables } from '../../src/environments/variables-store.ts'
import { loadApp, saveApp, sealedApp } from '../../src/github/setup/app-settings.ts'
import { addMasterKey, keysIn, masterKeyOf } from '../../src/master-key.ts'
import { reseal, type SealedPlace } from '../../src/resealing.ts'
import { insertEnvironment, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'
import { log } from './executions-setup.ts'

const before = 'the master key before, long enough'
const after = 'the master key after, long enough'
const meanwhile = `${after}\n${before}`

async function place() {
  const { db, close } = connect(await freshDatabase(inject('postgresUrl')), { max: 4, name: 'master key' })
  onTestFinished(close)
  const repository = await insertRepository(db)
  const environment = await insertEnvironment(db, repository.id)
  const own = { repositoryId: repository.id, environmentId: environment.id }
  const set = (key: string, name: string, value: string) =>
    setVariables(db, key, own, [{ name, value, scope: 'both' }])
  const read = async (key: string) => (await readVariables(db, key, environment)).run
  return { db, own, set, read }
}

test('S70: everything is sealed anew, readable all the time, and nobody is told of a change', async () => {
  const { db, own, read } = await place()
  const many = Array.from({ length: 250 }, (_, one) => ({
    name: `V${one}`,
    value: `value ${one}`,
    scope: 'both' as const,
  }))
  await setVariables(db, before, own, many)
  const first = await read(meanwhile)
  expect(await reseal(db, meanwhile, sealedVariables, true)).toMatchObject({ current: 0, older: 250 })
  // Another process reads all of them the whole time, as one that was started for the change.
  const rotation = reseal(db, meanwhile, sealedVariables, false)
  for (let done = false; !done; ) {
    expect((await read(meanwhile)).values).toEqual(first.values)
    done = await Promise.race([rotation.then(() => true), turnOfTheLoop(false)])
  }
  expect(await rotation).toMatchObject({ current: 0, older: 250, lost: [] })
  const last = await read(after)
  expect(last).toEqual(first) // the revision, too: no process is started anew
  await expect(read(before)).rejects.toMatchObject({ code: 'misconfigured' })
  expect(await reseal(db, after, sealedVariables, false)).toMatchObject({ current: 250, older: 0, lost: [] })
})

test('what is set at the same moment stays as it was set', async () => {
  const { db, set, read } = await place()
  await set(before, 'A', 'old')
  const late: SealedPlace = {
    ...sealedVariables,
    async replace(...args) {
      await set(before, 'A', 'new') // a process that was not started anew yet
      await sealedVariables.replace(...args)
    },
  }
  await reseal(db, meanwhile, late, false)
  expect((await read(meanwhile)).values).toEqual({ A: 'new' })
  expect(await reseal(db, meanwhile, sealedVariables, false)).toMatchObject({ older: 1 })
  expect((await read(after)).values).toEqual({ A: 'new' })
})

test('the GitHub App is sealed anew as well, and what no key opens is named and left', async () => {
  const { db, set } = await place()
  const app = { appId: 7, privateKey: 'pem', webhookSecret: 'w', clientId: null, clientSecret: null }
  await saveApp(db, before, app)
  expect(await reseal(db, meanwhile, sealedApp, false)).toMatchObject({ current: 0, older: 1, lost: [] })
  expect(await loadApp(db, after)).toEqual(app)
  await set('the master key of nobody, long enough', 'GONE', 'x')
  const [row] = await db.select().from(variables).where(eq(variables.name, 'GONE'))
  const { lost } = await reseal(db, meanwhile, sealedVariables, false)
  expect(lost).toEqual([expect.stringMatching(/^variable \d+ .* GONE$/)])
  expect((await db.select().from(variables).where(eq(variables.name, 'GONE')))[0]).toEqual(row)
})

test('keys come from the settings, or from a file that only its owner reads', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-keys-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const given = readConfig({ SLUICE_MASTER_KEY: after, SLUICE_MASTER_KEY_ALSO: before })
  expect(masterKeyOf(given, log)).toBe(meanwhile)
  expect(() => readConfig({ SLUICE_MASTER_KEY_ALSO: 'short' })).toThrow(/SLUICE_MASTER_KEY_ALSO/)
  const config = readConfig({ SLUICE_DATA: folder })
  const first = masterKeyOf(config, log)
  addMasterKey(config, log)
  const [newest, older] = keysIn(masterKeyOf(config, log))
  expect([newest === first, older]).toEqual([false, first])
  const file = path.join(folder, 'master.key')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(2)
})
