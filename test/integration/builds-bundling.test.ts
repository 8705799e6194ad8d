// What a project's code may be made of: each case is bundled and discovered by a real build, and its functions are then called
// in the runner's own child processes.
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import { type Files, noRetry } from '../support/projects.ts'
import { createWorkshop } from './builds-bundling-setup.ts'

let database: Database
let workshop: Awaited<ReturnType<typeof createWorkshop>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'bundling test' })
  workshop = await createWorkshop(database.db)
})
afterAll(async () => {
  await workshop.close()
  await database.close()
})

/** What each function of the project returns when it is called without arguments, by name. */
async function results(files: Files, root?: string): Promise<Record<string, unknown>> {
  const { failure, manifest } = await workshop.build(files, root)
  expect(failure).toBeNull()
  const returned: Record<string, unknown> = {}
  for (const found of manifest ?? []) returned[found.name] = await workshop.call(found)
  return returned
}

describe('plain functions', () => {
  test('need no import of ours: name, config and arguments, in each way to write them', async () => {
    const { failure, manifest } = await workshop.build({
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
          cron: { schedule: '0 6 * * *', timezone: 'UTC', missed: 'one', overlap: 'skip' },
          retry: { ...noRetry, maxAttempts: 2 },
          concurrency: 1,
          maxDuration: 60,
          maxConcurrencyAction: 'keep',
        },
      ],
    ])
    const [anonymous, report, legacy, send] = manifest ?? []
    if (!anonymous || !report || !legacy || !send) throw new Error('functions are missing')
    expect(await workshop.call(anonymous)).toBe('no name')
    expect(await workshop.call(report)).toBe('anonymous')
    expect(await workshop.call(legacy)).toBe('cjs')
    expect(await workshop.call(send, 'ada', 3)).toEqual(['ada', 3])
  })

  test('a change of the config alone is a change of the function', async () => {
    const written = (cron: string) => ({
      'functions/tick.ts': `export const config = { cron: '${cron}' }\nexport default async function tick() {}\n`,
    })
    const before = await workshop.build(written('0 6 * * *'))
    const after = await workshop.build(written('0 7 * * *'))
    expect(before.manifest?.[0]?.options.cron).toMatchObject({ schedule: '0 6 * * *' })
    expect(after.manifest?.[0]?.options.cron).toMatchObject({ schedule: '0 7 * * *' })
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
    const { failure } = await workshop.build({ 'functions/send.ts': `${code}\n` })
    expect(failure).toMatchObject({ code: reason, message: expect.stringMatching(message) })
  })

  test('a defer folder wins, and the log says what was not looked into', async () => {
    const { failure, log } = await workshop.build({
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

describe('names of modules', () => {
  test('tsconfig: paths of a file above the root, through extends, and of a sibling package', async () => {
    const returned = await results(
      {
        'tsconfig.base.json': '{ "compilerOptions": { "paths": { "#shared/*": ["./shared/*"] } } }',
        'shared/name.ts': "export const name: string = 'shared'\n",
        'apps/jobs/package.json': '{ "type": "module" }',
        'apps/jobs/tsconfig.json':
          '{\n  // comments are allowed\n  "extends": "../../tsconfig.base.json", "compilerOptions": { "strict": true, }\n}',
        'packages/mail/tsconfig.json':
          '{ "compilerOptions": { "baseUrl": "src", "paths": { "@/*": ["./*"] } } }',
        'packages/mail/index.ts': "export { from } from '@/from'\nexport { base } from 'lib/base'\n",
        'packages/mail/src/lib/base.ts': "export const base = 'base url'\n",
        'packages/mail/src/from.ts': "export const from = 'sibling'\n",
        'apps/jobs/src/functions/inherited.ts':
          "import { base, from } from '../../../../packages/mail/index.ts'\nexport default async function inherited() { return [base, from] }\n",
        'apps/jobs/src/functions/shared.ts':
          "import { name } from '#shared/name'\nexport default async function shared() { return name }\n",
      },
      'apps/jobs',
    )
    expect(returned).toEqual({ inherited: ['base url', 'sibling'], shared: 'shared' })
  })

  test('tsconfig above the root', async () => {
    const returned = await results(
      {
        'tsconfig.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./lib/*"] } } }',
        'lib/answer.ts': 'export const answer = 42\n',
        'apps/jobs/functions/ask.ts':
          "import { answer } from '@/answer'\nexport default async function ask() { return answer }\n",
      },
      'apps/jobs',
    )
    expect(returned).toEqual({ ask: 42 })
  })

  test('literal arguments of import() and require(), in both kinds of modules', async () => {
    const returned = await results({
      'lib/a.ts': "export const a = 'a'\n",
      'lib/b.cjs': "exports.b = 'b' + require('./c.json').c\n",
      'lib/c.json': '{ "c": "c" }',
      'functions/late.ts':
        "export default async function late() { const { a } = await import('../lib/a.ts'); return a + require('../lib/b.cjs').b }\n",
      'functions/common.cjs':
        "module.exports = async function common() { return (await import('../lib/a.ts')).a + require('../lib/b.cjs').b }\n",
    })
    expect(returned).toEqual({ late: 'abc', common: 'abc' })
  })
})

describe('JSX', () => {
  const runtime = (library: string) => ({
    [`${library}/package.json`]: '{ "type": "module", "exports": { "./jsx-runtime": "./jsx-runtime.js" } }',
    [`${library}/jsx-runtime.js`]: `export const jsx = (type, { children }) => '<' + type + ' by ${path.basename(library)}>' + children\nexport const jsxs = jsx\n`,
  })
  const letter = 'export default async function letter() { return <p>hello</p> }\n'

  test.each<[string, string | null, string]>([
    ['React, where tsconfig says nothing', null, 'react'],
    ['React, where a framework compiles it', '{ "jsx": "preserve" }', 'react'],
    ['React, as tsconfig says', '{ "jsx": "react-jsx" }', 'react'],
    ['Preact, as tsconfig says', '{ "jsx": "react-jsx", "jsxImportSource": "preact" }', 'preact'],
  ])('%s', async (_, options, library) => {
    const returned = await results({
      ...runtime('vendor/react'),
      ...runtime('vendor/preact'),
      'tsconfig.json': `{ "compilerOptions": ${JSON.stringify({
        ...JSON.parse(options ?? '{}'),
        paths: { 'react/*': ['./vendor/react/*.js'], 'preact/*': ['./vendor/preact/*.js'] },
      })} }`,
      'functions/letter.tsx': letter,
    })
    expect(returned).toEqual({ letter: `<p by ${library}>hello` })
  })

  test('a factory that tsconfig names', async () => {
    const returned = await results({
      'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
      'functions/letter.tsx': `const h = (type: string, _: null, text: string) => type + text\n${letter}`,
    })
    expect(returned).toEqual({ letter: 'phello' })
  })
})

describe('files that are no code', () => {
  test('JSON, text, images, WebAssembly, and whatever a suffix asks for', async () => {
    const returned = await results({
      'assets/data.json': '{ "answer": 42 }',
      'assets/query.sql': 'select 1',
      'assets/page.html': '<p>',
      'assets/logo.svg': '<svg/>',
      'assets/dot.png': 'PNG',
      'assets/empty.wasm': '\0asm\x01\0\0\0',
      'assets/style.css': 'p { color: red }',
      'assets/odd.ext': 'odd',
      'lib/code.ts': 'export const never = run',
      'functions/show.ts': `import data from '../assets/data.json'
import query from '../assets/query.sql'
import page from '../assets/page.html'
import logo from '../assets/logo.svg'
import dot from '../assets/dot.png'
import wasm from '../assets/empty.wasm'
import '../assets/style.css'
import odd from '../assets/odd.ext?raw'
import code from '../lib/code.ts?raw'
import url from '../assets/odd.ext?url'
const module = await WebAssembly.compile(wasm)
export default async function show() {
  return [data.answer, query, page, logo, dot, module instanceof WebAssembly.Module, odd, code, url]
}
`,
    })
    expect(returned).toEqual({
      show: [
        42,
        'select 1',
        '<p>',
        'data:image/svg+xml,<svg/>',
        'data:image/png,PNG',
        true,
        'odd',
        'export const never = run',
        'data:text/plain;charset=utf-8,odd',
      ],
    })
  })

  test.each([
    ['a file that is not there', './gone.html?raw', 'compile_failed', /^.*send.ts:1:18: There is no file/],
    ['a file outside', '/proc/version?raw', 'outside_repository', /proc\/version, which is outside/],
  ])('%s is refused', async (_, file, code, message) => {
    const { failure } = await workshop.build({
      'functions/send.ts': `import text from '${file}'\nexport default async function send() { return text }\n`,
    })
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

describe('what a module knows of itself', () => {
  test('its URL, folder and file exist when it runs', async () => {
    const check = (found: string) => `[${found}].map(at => require('node:fs').existsSync(at))`
    const returned = await results({
      'functions/modern.ts': `import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
const require = createRequire(import.meta.url)
const at = [fileURLToPath(import.meta.url), import.meta.dirname, import.meta.filename, fileURLToPath(new URL('.', import.meta.url))]
export default async function modern() { return [...at.map(one => existsSync(one)), require('node:os').EOL] }
`,
      'functions/common.cjs': `module.exports = async function common() { return ${check('__dirname, __filename')} }\n`,
      'functions/own.ts': `import path from 'node:path'
import { fileURLToPath } from 'node:url'
const __filename = fileURLToPath(import.meta.url)
const __dirname = path.dirname(__filename)
export default async function own() { return ${check('__dirname, __filename')} }
`,
    })
    expect(returned).toEqual({
      modern: [true, true, true, true, '\n'],
      common: [true, true],
      own: [true, true],
    })
  })
})

describe('names that a framework gives', () => {
  test('SvelteKit: $lib, $env, $app and aliases of its own; variables are those of the run', async () => {
    const returned = await results({
      'svelte.config.js':
        "throw new Error('not run')\nexport default { kit: { alias: { $mail: 'src/mail', '$data/*': 'src/data/*' } } }\n",
      'vite.config.ts':
        "import { sveltekit } from '@sveltejs/kit/vite'\nexport default { plugins: [sveltekit()] }\n",
      'tsconfig.json': '{ "extends": "./.svelte-kit/tsconfig.json" }',
      'src/lib/index.ts': "export const whole = 'index'\n",
      'src/lib/server/db.ts': "export const db = 'db'\n",
      'src/mail/send.ts': "export const send = 'mail'\n",
      'src/data/rows.json': '[1]',
      'src/functions/kit.ts': `import { whole } from '$lib'
import { db } from '$lib/server/db'
import { send } from '$mail/send'
import rows from '$data/rows.json'
import { SECRET_KEY, NOT_SET } from '$env/static/private'
import { PUBLIC_NAME } from '$env/static/public'
import { env } from '$env/dynamic/private'
import { env as open } from '$env/dynamic/public'
import { browser, dev } from '$app/environment'
export default async function kit() {
  return [whole, db, send, rows[0], SECRET_KEY, NOT_SET ?? 'not set', PUBLIC_NAME, env.SECRET_KEY, open, browser, dev]
}
`,
    })
    expect(returned).toEqual({
      kit: [
        'index',
        'db',
        'mail',
        1,
        'hush',
        'not set',
        'shop',
        'hush',
        { PUBLIC_NAME: 'shop' },
        false,
        false,
      ],
    })
  })

  test('Vite: resolve.alias, read and not run; other names are left alone', async () => {
    const { failure, manifest, log } = await workshop.build({
      'vite.config.ts': `import path from 'node:path'
throw new Error('not run')
export default defineConfig({
  resolve: { alias: { '@': path.resolve(__dirname, './src'), '@lib': '/lib', made: compute() } },
  test: { alias: { '@/name': './mocks/name.ts' } },
})
`,
      'src/name.ts': "export const name = 'src'\n",
      'lib/other.ts': "export const other = 'lib'\n",
      'functions/ask.ts': `import { name } from '@/name'
import { other } from '@lib/other'
import { scoped } from '@scope/name'
export default async function ask() { return [name, other, scoped] }
`,
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@scope/name": ["./lib/scoped.ts"] } } }',
      'lib/scoped.ts': "export const scoped = 'tsconfig'\n",
    })
    expect(failure).toBeNull()
    const [ask] = manifest ?? []
    expect(ask && (await workshop.call(ask))).toEqual(['src', 'lib', 'tsconfig'])
    expect(log).toContainEqual(
      expect.stringMatching(
        /vite.config.ts is read and not run, and these aliases were not understood: made$/,
      ),
    )
  })

  test('Vite: what a name leads to is compiled as its tsconfig.json says', async () => {
    const returned = await results({
      'vite.config.ts': "export default { resolve: { alias: { '@': '/src', '~mail/': './mail/' } } }\n",
      'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "write" } }',
      'src/write.ts': 'export const write = (tag: string) => tag.toUpperCase()\n',
      'mail/letter.tsx': "import { write } from '@/write'\nexport const letter = <p />\n",
      'functions/ask.ts':
        "import { letter } from '~mail/letter'\nexport default async function ask() { return letter }\n",
    })
    expect(returned).toEqual({ ask: 'P' })
  })

  test.each([
    ['4', 'app/'],
    ['3', ''],
  ])('Nuxt %s: its own names for its folders, and for those of the project', async (_, app) => {
    const returned = await results({
      'nuxt.config.ts': "throw new Error('not run')\nexport default defineNuxtConfig({})\n",
      'tsconfig.json': '{ "references": [{ "path": "./.nuxt/tsconfig.server.json" }] }',
      [`${app}prices.ts`]: "export const price = 'price'\n",
      'server/db.ts': "export const db = 'db'\n",
      'shared/tax.ts': "export const tax = 'tax'\n",
      'server/functions/ask.ts': `import { price } from '~/prices'
import { price as same } from '@/prices'
import { db } from '~~/server/db'
import { tax } from '#shared/tax'
export default async function ask() { return [price, same === price, db, tax] }
`,
    })
    expect(returned).toEqual({ ask: ['price', true, 'db', 'tax'] })
  })

  test('Next.js: server-only and client-only mean nothing here', async () => {
    const returned = await results({
      'tsconfig.json': '{ "compilerOptions": { "jsx": "preserve", "paths": { "@/*": ["./*"] } } }',
      'lib/db.ts': "import 'server-only'\nimport 'client-only'\nexport const db = 'db'\n",
      'functions/ask.ts':
        "import { db } from '@/lib/db'\nexport default async function ask() { return db }\n",
    })
    expect(returned).toEqual({ ask: 'db' })
  })
})
