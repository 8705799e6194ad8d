// Functions of a build share what they import, and none of them notices: not in the order its modules run, not in its version
// when another one changes, comes or goes.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import type { Files } from '../support/projects.ts'
import { createWorkshop } from './builds-bundling-setup.ts'

let database: Database
let workshop: Awaited<ReturnType<typeof createWorkshop>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'sharing test' })
  workshop = await createWorkshop(database.db)
})
afterAll(async () => {
  await workshop.close()
  await database.close()
})

async function built(files: Files) {
  const { failure, manifest } = await workshop.build(files)
  expect(failure).toBeNull()
  const found = new Map((manifest ?? []).map(one => [one.name, one]))
  return (name: string) => {
    const one = found.get(name)
    if (!one) throw new Error(`no function ${name}`)
    return one
  }
}

const step = (name: string) => `globalThis.steps = [...(globalThis.steps ?? []), '${name}']\n`
const fn = (name: string, imports: string) =>
  `${imports}\nexport default async function ${name}() { return globalThis.steps }\n`

describe('modules run in the order they are imported', () => {
  const project = {
    'lib/set-up-a.ts': step('set up a'),
    'lib/set-up-b.ts': step('set up b'),
    'lib/shared.ts': `import './deep.ts'\n${step('shared')}`,
    'lib/deep.ts': step('deep'),
    'functions/a.ts': fn('a', "import '../lib/set-up-a.ts'\nimport '../lib/shared.ts'"),
    'functions/b.ts': fn('b', "import '../lib/set-up-b.ts'\nimport '../lib/shared.ts'"),
  }

  test('also where another function shares some of them', async () => {
    const named = await built(project)
    expect(await workshop.call(named('a'))).toEqual(['set up a', 'deep', 'shared'])
    expect(await workshop.call(named('b'))).toEqual(['set up b', 'deep', 'shared'])
    const [a, b] = [
      await workshop.place.contents(named('a').bundleDigest),
      await workshop.place.contents(named('b').bundleDigest),
    ]
    expect(Object.keys(a).filter(file => file in b)).not.toEqual([])
  })

  test('also where some wait at their top level', async () => {
    const named = await built({
      ...project,
      'lib/late.ts': `await new Promise(resolve => setImmediate(resolve))\n${step('late')}`,
      'functions/c.ts': fn('c', "import '../lib/late.ts'\nimport '../lib/shared.ts'"),
    })
    expect(await workshop.call(named('c'))).toEqual(['late', 'deep', 'shared'])
    expect(await workshop.call(named('a'))).toEqual(['set up a', 'deep', 'shared'])
  })

  test('and once, however they are asked for', async () => {
    const named = await built({
      'lib/shared.ts': `${step('shared')}export const value = 1\n`,
      'functions/a.ts':
        "import { value } from '../lib/shared.ts'\nexport default async function a() { const { value: late } = await import('../lib/shared.ts'); return [value, late, require('../lib/shared.ts').value, ...globalThis.steps] }\n",
      'functions/b.ts': fn('b', "import '../lib/shared.ts'"),
    })
    expect(await workshop.call(named('a'))).toEqual([1, 1, 1, 'shared'])
  })
})

describe('a function keeps its identity', () => {
  const project = {
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./lib/*"] } } }',
    'lib/shared.ts': 'export const shared = 1\n',
    'lib/own.ts': "import { shared } from '@/shared'\nexport const own: number = shared\n",
    'lib/other.ts': 'export const shared = 1\n',
    'functions/a.ts':
      "import { own } from '../lib/own.ts'\nexport default async function a() { return own }\n",
    'functions/b.ts':
      "import { shared } from '../lib/shared.ts'\nimport { shared as other } from '../lib/other.ts'\nexport default async function b() { return shared + other }\n",
  }
  const identityOf = async (changes: Files) => {
    const named = await workshop.rebuild('identity', { ...project, ...changes })
    return named.find(one => one.name === 'a')?.codeDigest
  }

  test.each<[string, Files]>([
    ['a comment', { 'lib/own.ts': `/* a comment */\n${project['lib/own.ts']}` }],
    ['a type', { 'lib/own.ts': project['lib/own.ts'].replace('number', 'any') }],
    [
      'another function that shares a module',
      { 'functions/c.ts': project['functions/b.ts'].replace(' b()', ' c()') },
    ],
    ['a change of another function', { 'functions/b.ts': 'export default async function b() {}\n' }],
    [
      'an alias that is not its own',
      { 'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./lib/*"], "#": ["./x"] } } }' },
    ],
  ])('with %s', async (_, changes) => {
    expect(await identityOf(changes)).toBe(await identityOf({}))
  })

  test.each<[string, Files]>([
    ['a module it reaches', { 'lib/shared.ts': 'export const shared = 2\n' }],
    [
      'where a name leads, to the same text',
      { 'tsconfig.json': '{ "compilerOptions": { "paths": { "@/shared": ["./lib/other.ts"] } } }' },
    ],
    [
      'how its files are compiled',
      {
        'lib/own.ts': `${project['lib/own.ts']}export class Own { field = 1 }\n`,
        'tsconfig.json': project['tsconfig.json'].replace(
          '{ "paths"',
          '{ "useDefineForClassFields": false, "paths"',
        ),
      },
    ],
    [
      'what kind of modules they are',
      { 'package.json': '{ "name": "bare", "private": true, "type": "commonjs" }' },
    ],
  ])('but not with another: %s', async (_, changes) => {
    expect(await identityOf(changes)).not.toBe(await identityOf({}))
  })
})

test('what a module prints when it is loaded stands in the log with its file, also where several are loaded at once', async () => {
  const { failure, log } = await workshop.build({
    'functions/a.ts': 'export default async function a() {}\n',
    'functions/b.ts': "console.log('from b')\nexport default async function b() {}\n",
    'functions/c.ts': "process.emitWarning('from c')\nexport default async function c() {}\n",
    'functions/d.ts':
      "import { writeSync } from 'node:fs'\nwriteSync(2, 'from d\\n')\nexport default async function d() {}\n",
  })
  expect(failure).toBeNull()
  const printed = log.filter(line => line.includes('from ')).sort() // they are loaded two at a time
  expect(printed).toEqual([
    expect.stringMatching(/functions\/b.ts: from b$/),
    expect.stringMatching(/functions\/c.ts: .*from c$/),
    expect.stringMatching(/functions\/d.ts: from d$/),
  ])
})

test('a function whose code an earlier build of the environment has loaded is not loaded again, and is checked all the same', async () => {
  const functionFile = (name: string, text: string) =>
    `console.log('loads ${name}')\nexport default async function ${name}() { return ${text} }\n`
  const project = { 'functions/a.ts': functionFile('a', '1'), 'functions/b.ts': functionFile('b', '1') }
  const first = await workshop.build(project)
  expect(first.failure).toBeNull()
  const folder = first.manifest?.[0]?.file.split('/')[0] ?? ''
  const push = async (name: string, text: string) => {
    const build = await workshop.place.build(first.environmentId, {
      [`${folder}/functions/${name}.ts`]: text,
    })
    const log = await workshop.place.log(build.id)
    return { ...build, loads: log.flatMap(line => /loads (\w)$/.exec(line)?.[1] ?? []) }
  }
  const changed = await push('b', functionFile('b', '2'))
  expect(changed.loads).toEqual(['b'])
  expect(changed.manifest?.map(one => [one.name, one.options])).toEqual(
    first.manifest?.map(one => [one.name, one.options]),
  )
  const twice = await push('b', functionFile('a', '3'))
  expect(twice.failure?.code).toBe('function_duplicate')
})
