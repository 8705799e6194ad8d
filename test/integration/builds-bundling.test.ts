import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import { noRetry } from '../support/projects.ts'
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
    const returned = await workshop.results(
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
    const returned = await workshop.results(
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
    const returned = await workshop.results({
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

describe('files that are no code', () => {
  test('JSON, text, images, WebAssembly, and whatever a suffix asks for', async () => {
    const returned = await workshop.results({
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
    const returned = await workshop.results({
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
