// What is wrong with a commit, and what its author is told: a stable code, the files concerned, the line where there is one.
// Projects without dependencies, so that no install is in the way.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles, packageFiles } from '../support/projects.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'failures test' })
})
afterAll(() => database.close())

interface Case {
  files: Record<string, string>
  root?: string
  code: string
  message: RegExp
  /** path:line of each annotation. */
  at?: string[]
  /** Only of what is to run out of it: any other may be as slow as its machine. */
  loadMs?: number
}

const cases: Record<string, Case> = {
  'no defer folder': {
    files: { ...bareFiles, 'src/index.js': '' },
    code: 'functions_missing',
    message: /no folder named "defer": looked in the repository and all folders below it/,
  },
  'a defer folder with tests only': {
    files: { ...bareFiles, 'defer/hello.test.ts': '', 'defer/tests/a.ts': '', 'defer/README.md': '' },
    code: 'functions_missing',
    message: /"defer" in the repository holds no function/,
  },
  'two defer folders side by side': {
    files: { ...bareFiles, 'a/defer/x.js': bare('x'), 'b/defer/y.js': bare('y') },
    code: 'functions_folder_ambiguous',
    message: /2 folders named "defer".*a\/defer, b\/defer/,
  },
  'a root that is not there': {
    files: { ...bareFiles, 'defer/x.js': bare('x') },
    root: 'apps/jobs',
    code: 'root_missing',
    message: /"apps\/jobs", is no folder of this commit/,
  },
  'a root that leads out': {
    files: bareFiles,
    root: '../..',
    code: 'root_missing',
    message: /is no folder of this commit/,
  },
  'no package.json': {
    files: { 'defer/x.js': bare('x') },
    code: 'package_json_missing',
    message: /There is no package.json/,
  },
  'a broken package.json': {
    files: { 'package.json': '{\n  "name": "x",\n  oops\n}\n', 'defer/x.js': bare('x') },
    code: 'package_json_invalid',
    message: /^package.json cannot be read/,
    at: ['package.json:3'],
  },
  'dependencies without a lockfile': {
    files: { 'package.json': packageFiles['package.json'] ?? '', 'defer/x.js': bare('x') },
    code: 'lockfile_missing',
    message: /commit package-lock.json/,
  },
  'a lockfile of no known format': {
    files: { ...bareFiles, 'yarn.lock': '', 'defer/x.js': bare('x') },
    code: 'lockfile_invalid',
    message: /^yarn.lock is no lockfile of yarn that the builder knows/,
  },
  'a lockfile that does not match': {
    files: {
      ...packageFiles,
      'package.json': '{ "dependencies": { "@defer/client": "99.0.0" } }',
      'defer/x.js': bare('x'),
    },
    code: 'install_failed',
    message: /^npm ci ended with code 1:\nnpm error code ETARGET\n.*@defer\/client@99.0.0/,
  },
  'a lockfile that is no JSON': {
    files: { ...packageFiles, 'package-lock.json': '<<<<<<< HEAD', 'defer/x.js': bare('x') },
    code: 'lockfile_invalid',
    message: /^package-lock.json cannot be used/,
  },
  'a syntax error': {
    files: { ...bareFiles, 'defer/x.ts': 'const a = 1\nconst b: = 2\nexport default a\n' },
    code: 'compile_failed',
    message: /^defer\/x.ts:2:10: Unexpected "="/,
    at: ['defer/x.ts:2'],
  },
  'errors in two files': {
    files: {
      ...bareFiles,
      'defer/x.ts': 'import "./gone.ts"\nexport default 1\n',
      'defer/y.ts': '\nimport stripe from "stripe"\nexport default stripe\n',
    },
    code: 'compile_failed',
    message: /x.ts:1:8: There is no file "\.\/gone.ts"\n.*y.ts:2:20: The package "stripe" is not installed/,
    at: ['defer/x.ts:1', 'defer/y.ts:2'],
  },
  'a native add-on that is none': {
    files: {
      ...bareFiles,
      'defer/x.cjs': 'module.exports = require("../build/fast.node")\n',
      'build/fast.node': 'x',
    },
    code: 'load_threw',
    message: /^defer\/x.cjs threw while it was loaded: Error: source\/build\/fast.node: /,
  },
  'an import of a file of the machine': {
    files: { ...bareFiles, 'defer/x.ts': 'import data from "/proc/version"\nexport default data\n' },
    code: 'outside_repository',
    message: /^A file imports .*proc\/version, which is outside the repository/,
  },
  'an import that climbs out of the repository': {
    files: {
      ...bareFiles,
      'defer/x.js': `import data from "../../../../artifacts/canary.json"\nconsole.log(data)\n${bare('x')}`,
    },
    code: 'outside_repository',
    message: /artifacts\/canary.json, which is outside the repository/,
  },
  'an anonymous function': {
    files: {
      ...bareFiles,
      'defer/x.js':
        '\nconst wrapped = () => {}\nwrapped.__fn = (() => async () => {})()\nwrapped.__metadata = {}\n\nexport default wrapped\n',
    },
    code: 'function_anonymous',
    message: /The function in defer\/x.js has no name/,
    at: ['defer/x.js:6'],
  },
  'no default export': {
    files: { ...bareFiles, 'defer/x.js': 'export const x = 1\n', 'defer/y.js': bare('y') },
    code: 'default_export_missing',
    message: /^defer\/x.js has no default export/,
    at: ['defer/x.js:1'],
  },
  'a default export that is not a background function': {
    files: { ...bareFiles, 'defer/x.js': '\n\nexport default function x() {}\n' },
    code: 'not_a_background_function',
    message: /default export of defer\/x.js is not a background function \(it is of type function\)/,
    at: ['defer/x.js:3'],
  },
  'two files with one name': {
    files: { ...bareFiles, 'defer/a.js': bare('send'), 'defer/b/c.js': bare('send') },
    code: 'function_duplicate',
    message: /^defer\/a.js and defer\/b\/c.js define functions of the same name, "send"/,
    at: ['defer/a.js:16', 'defer/b/c.js:16'],
  },
  'options that cannot be': {
    files: {
      ...bareFiles,
      'defer/x.js': bare('x').replace(
        'export default',
        'wrapped.__metadata.concurrency = 0\nwrapped.__metadata.cron = "hourly"\nexport default',
      ),
    },
    code: 'options_invalid',
    message: /options of x in defer\/x.js cannot be used: cron: "hourly" has 1 fields/,
  },
  'a module that throws on load': {
    files: {
      ...bareFiles,
      'defer/x.ts': `import { key } from '../lib/key.ts'\nconsole.log('loading')\nexport default key\n`,
      'lib/key.ts': `interface A { b: string }\n\nif (!process.env.STRIPE_KEY) {\n  throw new TypeError('STRIPE_KEY is not set')\n}\nexport const key = 1\n`,
    },
    code: 'load_threw',
    message: /^defer\/x.ts threw while it was loaded at lib\/key.ts:4: TypeError: STRIPE_KEY is not set/,
    at: ['lib/key.ts:4'],
  },
  'a module that exits on load': {
    files: { ...bareFiles, 'defer/x.js': 'console.error("good bye")\nprocess.exit(0)\n' },
    code: 'load_exited',
    message: /^defer\/x.js ended its process while it was loaded \(code 0\):\ngood bye/,
  },
  'a module that waits for ever on load': {
    files: { ...bareFiles, 'defer/x.js': `await new Promise(() => {})\n${bare('x')}` },
    code: 'load_exited',
    message: /waits for something that never happens/,
  },
  'a module that loops on load': {
    files: { ...bareFiles, 'defer/x.js': `for (;;) {}\n${bare('x')}` },
    code: 'load_hung',
    message: /^defer\/x.js did not finish loading within 2 seconds/,
    loadMs: 2_000,
  },
  'one module of several that exits on load': {
    files: {
      ...bareFiles,
      'defer/a.js': bare('a'),
      'defer/x.js': `process.exit(3)\n${bare('x')}`,
      'defer/z.js': bare('z'),
    },
    code: 'load_exited',
    message: /^defer\/x.js ended its process while it was loaded \(code 3\)[^\n]*$/,
  },
  'one module of several that breaks what the others share': {
    files: {
      ...bareFiles,
      'defer/a.js': `Object.defineProperty(globalThis, 'URL', { get() { throw new Error('broken by a') } })\n${bare('a')}`,
      'defer/x.js': `new URL('http://localhost')\n${bare('x')}`,
      'defer/y.js': 'throw new Error("by y itself")\n',
    },
    code: 'load_threw',
    message: /^defer\/y.js threw while it was loaded: Error: by y itself[^\n]*$/,
  },
  'a module that answers in the place of the loader': {
    files: {
      ...bareFiles,
      'defer/x.js': 'process.send?.({ kind: "function", name: "forged", metadata: {} })\nexport default 1\n',
    },
    code: 'not_a_background_function',
    message: /of type number/,
  },
}

describe.concurrent('a commit with', () => {
  test.for(Object.entries(cases))('%s', async ([, { files, root, code, message, at, loadMs }]) => {
    const place = await createTestBuilder(database.db, { limits: loadMs === undefined ? {} : { loadMs } })
    try {
      const environment = await place.environment(root === undefined ? {} : { root })
      const beside = path.join(place.folders.builds, '../artifacts')
      await mkdir(beside)
      await writeFile(path.join(beside, 'canary.json'), '{}')
      const build = await place.build(environment.id, files)
      expect(build.failure).toMatchObject({ code, message: expect.stringMatching(message) })
      expect(build.state).toBe('failed')
      if (at)
        expect(build.failure?.annotations.map(({ path, startLine }) => `${path}:${startLine}`)).toEqual(at)
      expect((await place.events(build.id)).at(-1)).toBe('build.failed')
      expect((await place.log(build.id)).join('\n')).toContain(build.failure?.message.split('\n')[0])
      expect(JSON.stringify(build.failure)).not.toContain(place.folders.builds)
      expect(await place.leftovers()).toEqual([])
    } finally {
      await place.close()
    }
  })
})
