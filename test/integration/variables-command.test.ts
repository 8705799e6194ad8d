// `sluice variables --database`, as the real program, on a database with a repository: values go in by standard input and never come out.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { readVariables } from '../../src/environments/variables.ts'
import { insertEnvironment, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

const masterKey = 'the master key of this test, long enough'
const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'
let database: Database
let folder: string
let url: string
beforeAll(async () => {
  url = await freshDatabase(inject('postgresUrl'))
  database = connect(url, { max: 2, name: 'variables command test' })
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-variables-'))
})
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

interface Said {
  code: number | null
  out: string
  err: string
}

function sluice(args: string[], input = ''): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [path.resolve('bin/sluice.js'), 'variables', '--database', ...args],
      {
        env: { PATH: process.env.PATH, DATABASE_URL: url, SLUICE_MASTER_KEY: masterKey, SLUICE_DATA: folder },
      },
    )
    const said: Said = { code: null, out: '', err: '' }
    child.stdout.on('data', chunk => (said.out += chunk))
    child.stderr.on('data', chunk => (said.err += chunk))
    child.on('error', reject)
    child.on('close', code => resolve({ ...said, code }))
    child.stdin.on('error', () => {}) // it refused before it read
    child.stdin.end(input)
  })
}

async function setup() {
  const repository = await insertRepository(database.db)
  const environment = await insertEnvironment(database.db, repository.id)
  return {
    inRepository: ['--repository', `acme/${repository.name}`],
    inEnvironment: ['--environment', `acme/${repository.name}#production`],
    read: () => readVariables(database.db, masterKey, environment),
  }
}

test('set, list, import and remove', async () => {
  const { inRepository, inEnvironment, read } = await setup()
  const set = await sluice(['set', ...inEnvironment, '--scope', 'build', 'NPM_TOKEN'], `${secret}\n`)
  expect(set).toMatchObject({ code: 0, out: expect.stringMatching(/^NPM_TOKEN is set \(build\)/) })
  const file = path.join(folder, 'all.env')
  await writeFile(file, `# of all\nexport A=1\nB="two\nlines"\nC='$not # expanded'\n`)
  expect(await sluice(['import', ...inRepository, '--file', file])).toMatchObject({
    code: 0,
    out: 'added      A\nadded      B\nadded      C\n',
  })
  await writeFile(file, `A=1\nB=other\nNODE_ENV=${secret}\nD=4\n`)
  expect(await sluice(['import', ...inRepository, '--file', file, '--dry-run'])).toMatchObject({
    code: 5,
    out: expect.stringMatching(
      /^unchanged {2}A\nchanged {4}B\nrefused {4}NODE_ENV cannot be .*\nadded {6}D\nNothing was/,
    ),
  })
  const { build, run } = await read()
  const shared = { A: '1', B: 'two\nlines', C: '$not # expanded' }
  expect(build.values).toEqual({ ...shared, NPM_TOKEN: secret })
  expect(run.values).toEqual(shared)

  const listed = await sluice(['list', ...inEnvironment])
  expect(listed.out).toMatch(/^NPM_TOKEN {2}build {2}\d{4}-\S+Z\n$/)
  expect(JSON.stringify([set, listed])).not.toContain(secret)
  expect(await sluice(['remove', ...inEnvironment, 'NPM_TOKEN'])).toMatchObject({ code: 0 })
  expect((await sluice(['list', ...inEnvironment])).out).toBe('There are no variables.\n')
})

test.each([
  [['set', 'NODE_OPTIONS'], 5, /^NODE_OPTIONS cannot be set: it changes how Node works/],
  [['set', 'A=hunter2'], 2, /its value is read from standard input/],
  [['set', 'A', 'hunter2'], 2, /its value is read from standard input/],
  [['set'], 2, /Give the NAME/],
  [['set', '--scope', 'all', 'A'], 2, /--scope all: give build, run or both/],
  [['remove', 'GONE'], 4, /There is no variable GONE/],
  [['import', '--file', '/no/such/file'], 2, /--file \/no\/such\/file: it cannot be read/],
  [['import'], 2, /Line 1 is neither NAME=value nor a comment/],
  [['show', 'A'], 2, /sluice variables --database set/],
])('%j is refused with one message and no value', async (args, exit, message) => {
  const { inEnvironment } = await setup()
  const { code, out, err } = await sluice([...args, ...inEnvironment], 'sniff-hunter2')
  expect(code).toBe(exit)
  expect(err).toMatch(message)
  expect(`${out}${err}`).not.toContain('hunter2')
  expect(err).not.toMatch(/^\s+at /m)
})

test('what is named has to be there, and one of the two', async () => {
  const { inRepository, inEnvironment } = await setup()
  expect((await sluice(['list'])).err).toMatch(/Give either --environment/)
  expect((await sluice(['list', ...inRepository, ...inEnvironment])).err).toMatch(/Give either --environment/)
  expect((await sluice(['list', '--repository', 'acme/none'])).err).toMatch(/no repository acme\/none/)
  expect((await sluice(['list', '--help'])).out).toMatch(/sluice variables --database import/)
})
