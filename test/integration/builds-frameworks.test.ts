// What frameworks bring into a project's code: names of their own, and JSX. Each case is bundled and discovered by a real build,
// and its functions are then called in the runner's own child processes.
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import { createWorkshop } from './builds-bundling-setup.ts'

let database: Database
let workshop: Awaited<ReturnType<typeof createWorkshop>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'frameworks test' })
  workshop = await createWorkshop(database.db)
})
afterAll(async () => {
  await workshop.close()
  await database.close()
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
    const returned = await workshop.results({
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
    const returned = await workshop.results({
      'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
      'functions/letter.tsx': `const h = (type: string, _: null, text: string) => type + text\n${letter}`,
    })
    expect(returned).toEqual({ letter: 'phello' })
  })
})

describe('names that a framework gives', () => {
  test('SvelteKit: $lib, $env, $app and aliases of its own; variables are those of the run', async () => {
    const returned = await workshop.results({
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
    const returned = await workshop.results({
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
    const returned = await workshop.results({
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
    const returned = await workshop.results({
      'tsconfig.json': '{ "compilerOptions": { "jsx": "preserve", "paths": { "@/*": ["./*"] } } }',
      'lib/db.ts': "import 'server-only'\nimport 'client-only'\nexport const db = 'db'\n",
      'functions/ask.ts':
        "import { db } from '@/lib/db'\nexport default async function ask() { return db }\n",
    })
    expect(returned).toEqual({ ask: 'db' })
  })
})
