// Modules whose names are known only in part, or by a jsconfig.json.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import type { Files } from '../support/projects.ts'
import { createWorkshop } from './builds-bundling-setup.ts'

let database: Database
let workshop: Awaited<ReturnType<typeof createWorkshop>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'names test' })
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

describe('names that are only partly known', () => {
  test('of import() and require(), with the folder they begin in', async () => {
    const returned = await results({
      'lib/letters/a.ts': "export const text: string = 'letter a'\n",
      'lib/letters/b.ts': "export const text: string = 'letter b'\n",
      'lib/texts/one.json': '["one"]',
      'functions/late.ts': `const load = (name: string) => import(\`../lib/letters/\${name}.ts\`)
export default async function late() { return [(await load('a')).text, (await load('b')).text] }
`,
      'functions/common.cjs':
        "const load = name => require('../lib/texts/' + name + '.json')\nmodule.exports = async function common() { return load('one') }\n",
    })
    expect(returned).toEqual({ common: ['one'], late: ['letter a', 'letter b'] })
  })

  test('of a jsconfig.json', async () => {
    const returned = await results({
      'jsconfig.json': '{ "compilerOptions": { "paths": { "~/*": ["./lib/*"] } } }',
      'lib/name.js': "export const name = 'by jsconfig'\n",
      'functions/ask.js':
        "import { name } from '~/name.js'\nexport default async function ask() { return name }\n",
    })
    expect(returned).toEqual({ ask: 'by jsconfig' })
  })
})
