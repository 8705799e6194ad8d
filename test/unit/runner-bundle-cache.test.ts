// The folders of versions: what their lists name, whole, shared on disk, and nothing that a stranger's list asks for beside.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeIndex } from '../../src/builds/bundle-index.ts'
import { createBundleCache } from '../../src/runner/bundle-cache.ts'
import { createMemoryStore } from '../integration/executions-setup.ts'

function setup() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-bundles-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const artifacts = createMemoryStore()
  const put = (text: string) => artifacts.put(Buffer.from(text))
  /** A version of files by path; an executable one's path ends with a star. */
  async function version(files: Record<string, string>, entry = 'bundle.mjs') {
    const listed = await Promise.all(
      Object.entries(files).map(async ([name, text]) => ({
        path: name.replace('*', ''),
        digest: await put(text),
        ...(name.endsWith('*') && { executable: true as const }),
      })),
    )
    return artifacts.put(writeIndex(listed, entry))
  }
  const cache = () => createBundleCache(folder, artifacts)
  return { folder, artifacts, put, version, cache }
}

test('all files of both lists lie beside the entry, the executable ones executable', async () => {
  const { cache, version, put, artifacts } = setup()
  const code = await version({ 'bundle.mjs': 'code', 'node_modules/tool/run*': 'tool' })
  const maps = await artifacts.put(writeIndex([{ path: 'bundle.mjs.map', digest: await put('map') }]))
  const { entry } = await cache().fetch(code, maps)
  const beside = (name: string) => path.join(path.dirname(entry), name)
  expect(path.basename(entry)).toBe('bundle.mjs')
  expect(readFileSync(entry, 'utf8')).toBe('code')
  expect(readFileSync(beside('bundle.mjs.map'), 'utf8')).toBe('map')
  expect(statSync(beside('node_modules/tool/run')).mode & 0o777).toBe(0o555)
  expect(statSync(entry).mode & 0o777).toBe(0o444)
})

test('what versions share lies on disk once', async () => {
  const { cache, version, artifacts } = setup()
  const none = await artifacts.put(writeIndex([]))
  const one = await version({ 'bundle.mjs': 'one', 'chunk.mjs': 'shared' })
  const two = await version({ 'bundle.mjs': 'two', 'chunk.mjs': 'shared' })
  const bundles = cache()
  const fetched = await Promise.all([bundles.fetch(one, none), bundles.fetch(two, none)])
  const entries = fetched.map(({ entry }) => entry)
  const chunks = entries.map(entry => statSync(path.join(path.dirname(entry), 'chunk.mjs')))
  expect(chunks[0]?.ino).toBe(chunks[1]?.ino)
})

test('a version of one file, as they were once, goes on to run', async () => {
  const { cache, put } = setup()
  const code = await put('export default 1\n//# sourceMappingURL=bundle.mjs.map\n')
  const { entry } = await cache().fetch(code, await put('{"version":3}'))
  expect(readFileSync(entry, 'utf8')).toContain('export default 1')
  expect(readFileSync(`${entry}.map`, 'utf8')).toBe('{"version":3}')
})

test.each([
  ['a file that lost its content', (file: string) => writeFileSync(file, 'other')],
  ['a file that is gone', (file: string) => rmSync(file)],
])('%s is noticed by the next process and mended', async (_, damage) => {
  const { cache, version, artifacts } = setup()
  const none = await artifacts.put(writeIndex([]))
  const code = await version({ 'bundle.mjs': 'code', 'chunk.mjs': 'right' })
  const chunk = path.join((await cache().fetch(code, none)).folder, 'chunk.mjs')
  chmodSync(chunk, 0o644)
  damage(chunk)
  await cache().fetch(code, none)
  expect(readFileSync(chunk, 'utf8')).toBe('right')
})

test('it needs no store for what is on disk', async () => {
  const { cache, version, artifacts } = setup()
  const none = await artifacts.put(writeIndex([]))
  const code = await version({ 'bundle.mjs': 'code' })
  const { entry } = await cache().fetch(code, none)
  await artifacts.delete(code)
  expect((await cache().fetch(code, none)).entry).toBe(entry)
})

test('an artifact whose content is another is refused, and nothing is left of the try', async () => {
  const { folder, version, artifacts } = setup()
  const none = await artifacts.put(writeIndex([]))
  const code = await version({ 'bundle.mjs': 'code' })
  const lying = {
    get: async (digest: string) =>
      digest === code || digest === none ? artifacts.get(digest) : Buffer.from('x'),
  }
  await expect(createBundleCache(folder, lying).fetch(code, none)).rejects.toThrow(/other content/)
  expect(readdirSync(folder)).toEqual(['blobs'])
})

test('a list that names the same file twice cannot write through to what others share', async () => {
  const { cache, put, artifacts } = setup()
  const none = await artifacts.put(writeIndex([]))
  const [good, bad] = [await put('good'), await put('bad')]
  const code = await artifacts.put(
    writeIndex(
      [
        { path: 'bundle.mjs', digest: good },
        { path: 'bundle.mjs', digest: bad },
      ],
      'bundle.mjs',
    ),
  )
  const bundles = cache()
  await expect(bundles.fetch(code, none)).rejects.toThrow()
  const { entry } = await bundles.fetch(
    await artifacts.put(writeIndex([{ path: 'x.mjs', digest: good }], 'x.mjs')),
    none,
  )
  expect(readFileSync(entry, 'utf8')).toBe('good')
})

test('a list without its entry is refused', async () => {
  const { cache, version, artifacts } = setup()
  const none = await artifacts.put(writeIndex([]))
  await expect(cache().fetch(await version({ 'a.mjs': '' }, 'b.mjs'), none)).rejects.toThrow(
    /no file to load/,
  )
  await expect(cache().fetch(none, none)).rejects.toThrow(/no file to load/)
})
