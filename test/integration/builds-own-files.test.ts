// Files of the repository that its code reads beside itself: shipped to where the code finds them.
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import type { Files } from '../support/projects.ts'
import { createWorkshop } from './builds-bundling-setup.ts'

let database: Database
let workshop: Awaited<ReturnType<typeof createWorkshop>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'own files test' })
  workshop = await createWorkshop(database.db)
})
afterAll(async () => {
  await workshop.close()
  await database.close()
})

async function results(files: Files): Promise<Record<string, unknown>> {
  const { failure, manifest, log } = await workshop.build(files)
  expect(failure, log.join('\n')).toBeNull()
  const returned: Record<string, unknown> = {}
  for (const found of manifest ?? []) returned[found.name] = await workshop.call(found)
  return returned
}

const files: Files = {
  'templates/hello.txt': 'hello',
  'templates/parts/foot.txt': 'bye',
  'data/list.json': '["one"]',
  'lib/template.cjs': `const fs = require('node:fs')
const path = require('node:path')
exports.read = name => fs.readFileSync(path.join(__dirname, '../templates', name), 'utf8')
exports.names = () => fs.readdirSync(path.join(__dirname, '..', 'templates')).sort()
`,
  'functions/url.ts': `import { readFile } from 'node:fs/promises'
export default async function url() { return readFile(new URL('../templates/hello.txt', import.meta.url), 'utf8') }
`,
  'functions/folder.ts': `import { names, read } from '../lib/template.cjs'
export default async function folder() { return [names(), read('parts/foot.txt')] }
`,
  'functions/declared.ts': `import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
const __dirname = path.dirname(fileURLToPath(import.meta.url))
const list: string[] = JSON.parse(readFileSync(path.resolve(__dirname, '../data/list.json'), 'utf8'))
export default async function declared() { return list }
`,
  'functions/none.ts':
    'export default async function none() { return import.meta.dirname.includes("source") }\n',
}

test('are found by URL, by folder, and where the code declares its folder itself', async () => {
  expect(await results(files)).toEqual({
    declared: ['one'],
    folder: [['hello.txt', 'parts'], 'bye'],
    none: false,
    url: 'hello',
  })
})

test('count for the functions that read them, and for no other', async () => {
  const before = await workshop.rebuild('own', files)
  const after = await workshop.rebuild('own', { ...files, 'templates/hello.txt': 'hi' })
  const changed = after.filter((one, index) => one.codeDigest !== before[index]?.codeDigest)
  expect(changed.map(one => one.name)).toEqual(['folder', 'url'])
})
