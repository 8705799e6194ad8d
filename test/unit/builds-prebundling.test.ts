// Packages bundled by themselves, beside a function that must not notice: the real bundler over a small install made by hand,
// and what it made, run.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { readFrom, writeOutputs } from '../../src/builds/bundling/outputs.ts'
import { createOwnFiles } from '../../src/builds/bundling/own-files.ts'
import { createProjectBundler } from '../../src/builds/bundling/project-bundler.ts'
import { layOut } from '../../src/builds/discovery/lay-out.ts'
import { bundleApart } from '../../src/builds/prebundling/bundle-apart.ts'
import { keepPrebundled } from '../../src/builds/prebundling/cache.ts'
import { placePackages } from '../../src/builds/prebundling/place-packages.ts'
import { prebundle } from '../../src/builds/prebundling/prebundle.ts'
import { rememberedPlaces } from '../../src/builds/prebundling/remembered-places.ts'
import type { Learned } from '../../src/builds/shipping/bundle-shipping.ts'
import { readNotes } from '../../src/builds/shipping/notes.ts'
import type { Tools } from '../../src/builds/tools.ts'

const places: string[] = []
afterAll(() => Promise.all(places.map(place => rm(place, { recursive: true }))))

type Files = Record<string, string>

/** ESM with a binding that changes, a default, and what nobody uses; CommonJS made from ESM, which fills itself in later. */
const installed: Files = {
  'esm/package.json': '{ "name": "esm", "type": "module", "exports": { ".": "./index.mjs", "./*": "./*" } }',
  'esm/index.mjs': `globalThis.order?.push('esm')
export let count = 0
export function add() { count++ }
export default class Own {}
export * from './more.mjs'
`,
  'esm/more.mjs': "export const more = 'more'\nexport const unused = 'nobody uses this'\n",
  'common/package.json': '{ "name": "common" }',
  'common/index.js': `globalThis.order?.push('common')
Object.defineProperty(exports, '__esModule', { value: true })
exports.default = 'the default'
exports.late = null
exports.fill = () => { exports.late = 'filled' }
`,
  'awaiting/package.json': '{ "name": "awaiting", "type": "module", "exports": "./index.js" }',
  'awaiting/index.js': 'export const waited = await Promise.resolve(7)\n',
  'mixed/package.json':
    '{ "name": "mixed", "exports": { "import": "./import.mjs", "require": "./require.cjs" } }',
  'mixed/import.mjs': "export const way = 'import'\n",
  'mixed/require.cjs': "exports.way = 'require'\n",
}

async function write(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
}

async function createPlace(files: Files) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'prebundling-'))
  places.push(root)
  const source = path.join(root, 'build', 'source')
  const tree = path.join(root, 'install', 'tree')
  await write(path.join(tree, 'node_modules'), installed)
  await write(source, { 'package.json': '{}', ...files })
  await symlink(path.join(tree, 'node_modules'), path.join(source, 'node_modules'))
  return { root, source, tree }
}

async function bundle(files: Files, { root, source, tree }: { root: string; source: string; tree: string }) {
  await write(source, files)
  const said: string[] = []
  const workspace = { root: path.join(root, 'build'), home: root, temporary: root }
  const tools = {
    say: (text: string) => said.push(text),
    signal: new AbortController().signal,
    machine: { node: process.execPath, isolation: { leash: [] }, env: {} },
    workspace,
  } as unknown as Tools
  const functions = Object.keys(files).filter(name => name.startsWith('functions/'))
  const project = { functions: { files: functions, folder: 'functions', style: 'plain' } } as never
  const output = path.join(source, '.sluice')
  const ownFiles = createOwnFiles(source)
  const bundler = await createProjectBundler({ source, tree, project, output, ownFiles }, tools)
  const nothing = { name: 'nothing', setup() {} }
  const learned: Learned = { notes: await readNotes(null), hear() {}, plugin: () => nothing }
  const made = await bundleApart({
    source,
    tree,
    places: await rememberedPlaces(source, { tree, modules: ['node_modules'] }, []),
    own: packages => bundler.bundle({ shipping: nothing, missing: [] }, packages),
    packages: asked => prebundle(asked, { source, tree }, learned, bundler, tools),
    say: tools.say,
  })
  if (made.errors.length > 0 || made.packages === null) return { made, said, folder: null, bundles: [] }
  const kept = await keepPrebundled(tree, made.packages)
  const folder = await mkdtemp(path.join(root, 'bundles-'))
  const own = await writeOutputs(made.metafile, readFrom(made.outputFiles), {
    places: { installs: path.relative(source, tree), bundle: path.relative(source, output) },
    folder,
    family: '',
  })
  const bundles = placePackages(functions, own, kept, folder)
  await layOut(bundles, folder)
  return { made, said, folder, bundles }
}

/** What the function returns, in a process of its own. */
async function call(folder: string | null, entry: string | undefined): Promise<unknown> {
  const program = `globalThis.order = []
const { default: own } = await import(${JSON.stringify(path.join(folder ?? '', entry ?? ''))})
console.log(JSON.stringify(await own.__fn()))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  return JSON.parse(stdout)
}

async function returned(files: Files) {
  const place = await createPlace({})
  const { made, folder, bundles } = await bundle(files, place)
  expect(made.errors).toEqual([])
  expect(made.packages).not.toBeNull()
  return call(folder, bundles[0]?.entry)
}

describe('a function does not notice', () => {
  test('in which order modules are run', async () => {
    const order = await returned({
      'set-up.ts': "(globalThis as any).order.push('set-up')\n",
      'functions/a.ts': `import '../set-up.ts'
import { fill } from 'common'
import { add } from 'esm'
export default async function a() { fill(); add(); return (globalThis as any).order }
`,
    })
    expect(order).toEqual(['set-up', 'common', 'esm'])
  })

  test('what changes after it was imported', async () => {
    const seen = await returned({
      'functions/a.ts': `import Own, { add, count, more } from 'esm'
import { fill, late } from 'common'
export default async function a() { add(); add(); fill(); return [count, late, more, Own.name] }
`,
    })
    expect(seen).toEqual([2, 'filled', 'more', 'Own'])
  })

  test.each([
    ['of the kind that bundlers read', '{}', 'the default'],
    ['of the kind that Node reads', '{ "type": "module" }', { default: 'the default', late: null }],
  ])('what the default of CommonJS is, in a project %s', async (_, description, expected) => {
    const files = {
      'package.json': description,
      'functions/a.ts': "import common from 'common'\nexport default async function a() { return common }\n",
    }
    expect(await returned(files)).toEqual(expected)
  })

  test('how it asks: by a name, for all, later, or by require', async () => {
    const seen = await returned({
      'functions/a.ts': `import * as all from 'esm'
import { way } from 'mixed'
export default async function a() {
  const later = await import('esm')
  return [all.more, Object.keys(later).sort(), later.count === all.count, way, require('mixed').way, require('common').default]
}
`,
    })
    expect(seen).toEqual([
      'more',
      ['add', 'count', 'default', 'more', 'unused'],
      true,
      'import',
      'require',
      'the default',
    ])
  })
})

describe('where a name leads', () => {
  const own = {
    'functions/a.ts': `import { more } from 'esm'
import { way } from 'mixed'
export default async function a() { return [more, way] }
`,
  }

  test('is asked of the bundler once, and again when a configuration or a file could change it', async () => {
    const place = await createPlace({})
    const returns = async (files: Files) => {
      const { folder, bundles } = await bundle({ ...own, ...files }, place)
      return call(folder, bundles[0]?.entry)
    }
    expect(await returns({})).toEqual(['more', 'import'])
    expect(await returns({ 'README.md': 'nothing to it' })).toEqual(['more', 'import'])
    const paths = (name: string) => JSON.stringify({ compilerOptions: { paths: { esm: [name] } } })
    expect(
      await returns({ 'tsconfig.json': paths('./own.ts'), 'own.ts': "export const more = 'own'\n" }),
    ).toEqual(['own', 'import'])
    expect(await returns({ 'tsconfig.json': paths('./nowhere.ts') })).toEqual(['more', 'import'])
  })

  test('is remembered for the same install, names and configurations alone', async () => {
    const { source, tree } = await createPlace({ 'lib/a.ts': '1' })
    const places = (changes: Files, settings: unknown = [], install = tree) =>
      write(source, changes).then(() =>
        rememberedPlaces(source, { tree: install, modules: ['node_modules'] }, settings),
      )
    const first = await places({})
    expect(await places({ 'lib/a.ts': '2' })).toBe(first)
    expect(await places({}, ['shipped'])).not.toBe(first)
    expect(await places({}, [], `${tree}-2`)).not.toBe(first)
    expect(await places({ 'lib/b.ts': '' })).not.toBe(first)
    const again = await places({})
    expect(await places({ 'package.json': '{ "imports": {} }' })).not.toBe(again)
  })
})

describe('what is kept', () => {
  const files = (text: string) => ({
    'functions/a.ts': `import { more } from 'esm'\nexport default async function a() { return more + ${text} }\n`,
  })
  const kept = (tree: string) => path.join(path.dirname(tree), 'packages')

  test('is taken by the next push, with the same bytes, and holds only the names that are asked for', async () => {
    const place = await createPlace({})
    const first = await bundle(files('1'), place)
    const again = await bundle(files('2'), place)
    expect([first, again].map(({ said }) => said.length)).toEqual([1, 0])
    expect(await call(again.folder, again.bundles[0]?.entry)).toBe('more2')
    const elsewhere = await bundle(files('2'), await createPlace({}))
    const contents = async ({ bundles }: typeof first) =>
      Promise.all(
        bundles
          .flatMap(one => [...one.files, ...one.sourceMaps])
          .map(async ({ path: name, from }) => [name, await readFile(from, 'utf8')]),
      )
    expect(await contents(again)).toEqual(await contents(elsewhere))
    const texts = JSON.stringify(await contents(again))
    expect(texts).toContain('"more')
    expect(texts).not.toContain('nobody uses this')
    expect(texts).not.toContain(place.root)
  })

  test('is made again where a file of it is damaged', async () => {
    const place = await createPlace({})
    await bundle(files('1'), place)
    const [key = ''] = await readdir(kept(place.tree))
    const names = (await readdir(path.join(kept(place.tree), key))).filter(name =>
      name.startsWith('package-'),
    )
    for (const name of names) await writeFile(path.join(kept(place.tree), key, name), 'damaged')
    const again = await bundle(files('1'), place)
    expect(again.said).toHaveLength(1)
    expect(await call(again.folder, again.bundles[0]?.entry)).toBe('more1')
  })
})

describe('everything is bundled together', () => {
  test('where a package awaits at its top level', async () => {
    const { made, said } = await bundle(
      {
        'functions/a.ts':
          "import { waited } from 'awaiting'\nexport default async function a() { return waited }\n",
      },
      await createPlace({}),
    )
    expect([made.errors, made.packages]).toEqual([[], null])
    expect(said).toEqual([
      'Packages are bundled with the functions, at every push: node_modules/awaiting/index.js awaits at its top level',
    ])
  })

  test('where a package has not what is imported of it: the place is told as ever', async () => {
    const { made } = await bundle(
      { 'functions/a.ts': "import { no } from 'esm'\nexport default async function a() { return no }\n" },
      await createPlace({}),
    )
    expect(made.errors[0]).toMatchObject({
      text: expect.stringMatching(/^No matching export in ".*index.mjs" for import "no"$/),
      location: { file: 'functions/a.ts', line: 1 },
    })
  })
})
