// Packages that cannot be bundled: native ones and those that read files beside themselves. They are installed from the registry,
// shipped beside the bundle, and run in the runner's own child processes.
import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { readIndex } from '../../src/builds/bundle-index.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import type { Files } from '../support/projects.ts'
import { createWorkshop } from './builds-bundling-setup.ts'

let database: Database
let workshop: Awaited<ReturnType<typeof createWorkshop>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'shipping test' })
  workshop = await createWorkshop(database.db)
})
afterAll(async () => {
  await workshop.close()
  await database.close()
})

const fixture = (name: string) =>
  readFile(path.resolve(import.meta.dirname, '../fixtures/native', name), 'utf8')
const packages = async (): Promise<Files> => ({
  'package.json': await fixture('package.json'),
  'package-lock.json': await fixture('package-lock.json'),
})

async function built(files: Files) {
  const { failure, manifest, log, ...build } = await workshop.build({ ...(await packages()), ...files })
  expect(failure, log.join('\n')).toBeNull()
  return { manifest: manifest ?? [], log, ...build }
}

/** The paths of what a version runs. */
async function shipped(digest: string): Promise<string[]> {
  const index = readIndex(await workshop.place.artifacts.get(digest))
  return (index?.files ?? []).map(file => file.path)
}

const image = `import sharp from 'sharp'
export default async function image(width: number) {
  const png = await sharp({ create: { width, height: 2, channels: 3, background: 'red' } }).png().toBuffer()
  return (await sharp(png).metadata()).width
}
`
const password = `import { hash, verify } from '@node-rs/argon2'
export default async function password(text: string) { return verify(await hash(text), text) }
`
const document = `import PDFDocument from 'pdfkit'
export default async function document(text: string) {
  const pdf = new PDFDocument()
  const chunks: Buffer[] = []
  pdf.on('data', chunk => chunks.push(chunk))
  const ended = new Promise(resolve => pdf.on('end', resolve))
  pdf.text(text)
  pdf.end()
  await ended
  return Buffer.concat(chunks).subarray(0, 5).toString()
}
`

const log = `import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
export default async function log(text: string) {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'log-')), 'out')
  const transport = pino.transport({ target: 'pino/file', options: { destination: file } })
  pino(transport).info(text)
  transport.end()
  await once(transport, 'close')
  return JSON.parse(readFileSync(file, 'utf8')).msg
}
`

describe('packages beside the bundle', () => {
  test('native ones, of other files, and one that asks for them by require', async () => {
    const files = {
      'functions/image.ts': image,
      'functions/password.ts': password,
      'functions/document.ts': document,
      'functions/log.ts': log,
      'functions/plain.ts': 'export default async function plain() { return 1 }\n',
      'functions/common.cjs':
        "module.exports = async function common() { return typeof require('sharp')().resize + Object.keys(require('@node-rs/argon2')).includes('hash') }\n",
    }
    const build = await built(files)
    const { manifest } = build
    const [common, pdf, picture, logged, hashed, plain] = manifest
    if (!common || !pdf || !picture || !logged || !hashed || !plain) throw new Error('functions are missing')
    expect(await workshop.call(picture, 3)).toBe(3)
    expect(await workshop.call(hashed, 'secret')).toBe(true)
    expect(await workshop.call(pdf, 'hello')).toBe('%PDF-')
    expect(await workshop.call(logged, 'in a worker')).toBe('in a worker')
    expect(await workshop.call(common)).toBe('functiontrue')

    const paths = await shipped(picture.bundleDigest)
    expect(paths).toContain('node_modules/sharp/lib/index.js')
    expect(paths.some(file => file.includes('argon2') || file.includes('pdfkit'))).toBe(false)
    expect(await shipped(pdf.bundleDigest)).toContain('node_modules/pdfkit/js/data/Helvetica.afm')
    expect((await shipped(plain.bundleDigest)).filter(file => file.startsWith('node_modules'))).toEqual([])

    // What is known of the packages, and what is found out again, give the same bytes.
    expect((await workshop.buildAgain(build)).manifest).toEqual(manifest)
    for (const name of await readdir(workshop.place.folders.installs))
      await rm(path.join(workshop.place.folders.installs, name, 'bundling.json'))
    expect((await workshop.buildAgain(build)).manifest).toEqual(manifest)
  })

  test('with shared chunks and many packages, another builder makes the same bytes of the same files', async () => {
    const files = {
      'lib/shared.ts': `import pino from 'pino'\nexport const shared = typeof pino\n`,
      'functions/document.ts': document,
      'functions/log.ts': `import { shared } from '../lib/shared.ts'\n${log}`,
      'functions/both.ts': `import { shared } from '../lib/shared.ts'
import PDFDocument from 'pdfkit'
export default async function both() { return shared + typeof PDFDocument }
`,
    }
    const elsewhere = await createWorkshop(database.db)
    try {
      const [one, other] = [workshop, elsewhere].map(async place =>
        place.rebuild('same', { ...(await packages()), ...files }),
      )
      const manifest = await one
      expect(manifest).toHaveLength(3)
      expect(await other).toEqual(manifest)
    } finally {
      await elsewhere.close()
    }
  })

  test('one without its binary is told of, with what helps', async () => {
    const { failure } = await workshop.build({
      ...(await packages()),
      'functions/store.ts':
        "import Database from 'better-sqlite3'\nexport default async function store() { return new Database(':memory:') }\n",
    })
    expect(failure).toMatchObject({
      code: 'native_binary_missing',
      message: expect.stringMatching(/^better-sqlite3 has no binary.*install_scripts: \[better-sqlite3\]/),
    })
  })
})
