import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { conformsAsArtifactStore } from '../conformance/artifact-store.ts'

async function setup() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-artifacts-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const store = createFolderStore(folder)
  const fileOf = (digest: string) => path.join(folder, digest.slice(0, 2), digest)
  return { folder, store, fileOf }
}

describe('a folder', () => {
  conformsAsArtifactStore(async () => (await setup()).store)
})

test('a flipped byte is refused when it is read', async () => {
  const { store, fileOf } = await setup()
  const digest = await store.put(Buffer.from('original'))
  await damage(fileOf(digest), 'Original')
  await expect(store.get(digest)).rejects.toMatchObject({ code: 'internal' })
})

test('putting content again repairs a damaged file', async () => {
  const { store, fileOf } = await setup()
  const digest = await store.put(Buffer.from('original'))
  await damage(fileOf(digest), 'orig')
  await store.put(Buffer.from('original'))
  expect((await store.get(digest)).toString()).toBe('original')
})

test('artifacts are read-only and nothing temporary stays beside them', async () => {
  const { store, fileOf } = await setup()
  const digest = await store.put(Buffer.from('content'))
  expect((await stat(fileOf(digest))).mode & 0o222).toBe(0)
  expect(await readdir(path.dirname(fileOf(digest)))).toEqual([digest])
  expect(await readFile(fileOf(digest), 'utf8')).toBe('content')
})

test('what a killed process left half written is removed by the next one, and not what another is writing', async () => {
  const { folder, store } = await setup()
  const unfinished = path.join(folder, '.unfinished')
  await mkdir(unfinished)
  for (const name of ['left', 'being-written']) await writeFile(path.join(unfinished, name), 'half')
  const before = new Date(Date.now() - 2 * 60 * 60_000)
  await utimes(path.join(unfinished, 'left'), before, before)
  await store.put(Buffer.from('content'))
  expect(await readdir(unfinished)).toEqual(['being-written'])
})

async function damage(file: string, content: string) {
  await chmod(file, 0o644)
  await writeFile(file, content)
}
