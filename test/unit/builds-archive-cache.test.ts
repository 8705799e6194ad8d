// One download for all who want a commit, on a folder of the test's own and a source that waits for the test.
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createArchives } from '../../src/builds/archive/archive-cache.ts'

const repository = { id: 1, installationId: 7, owner: 'acme', name: 'shop' }
const wanted = { owner: 1, repository, sha: 'a'.repeat(40) }
const never = new AbortController().signal

async function setup(maxBytes?: number) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'sluice-archives-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const downloads: { done: PromiseWithResolvers<void>; signal: AbortSignal }[] = []
  const source = {
    async tarball(_repository: unknown, sha: string, to: string, signal: AbortSignal) {
      const done = Promise.withResolvers<void>()
      downloads.push({ done, signal })
      signal.addEventListener('abort', () => done.reject(signal.reason))
      await writeFile(to, 'half')
      await done.promise
      await writeFile(to, `archive of ${sha}`)
    },
  }
  const folder = path.join(root, 'archives')
  const archives = createArchives(folder, source, maxBytes)
  return { archives, downloads, folder, to: (name: string) => path.join(root, name) }
}

async function downloading(downloads: unknown[], count: number): Promise<void> {
  await expect.poll(() => downloads.length, { timeout: 30_000 }).toBe(count)
}

test('many who want a commit at once share one download, and later ones need none', async () => {
  const { archives, downloads, to } = await setup()
  const all = Array.from({ length: 20 }, (_, index) => archives.fetch(wanted, to(`${index}`), never))
  await downloading(downloads, 1)
  downloads[0]?.done.resolve()
  await Promise.all(all)
  await archives.fetch(wanted, to('later'), never)
  expect(downloads).toHaveLength(1)
  for (const name of ['0', '19', 'later'])
    expect(await readFile(to(name), 'utf8')).toBe(`archive of ${wanted.sha}`)
})

test('one that gives up leaves the download to the others; the last one ends it', async () => {
  const { archives, downloads, folder, to } = await setup()
  const [first, second] = [new AbortController(), new AbortController()]
  const one = archives.fetch(wanted, to('one'), first.signal)
  const two = archives.fetch(wanted, to('two'), second.signal)
  await downloading(downloads, 1)
  first.abort(new Error('nobody wants it'))
  await expect(one).rejects.toThrow('nobody wants it')
  expect(downloads[0]?.signal.aborted).toBe(false)
  second.abort(new Error('nor this'))
  await expect(two).rejects.toThrow('nor this')
  expect(downloads[0]?.signal.aborted).toBe(true)

  const again = archives.fetch(wanted, to('again'), never)
  await downloading(downloads, 2)
  downloads[1]?.done.resolve()
  await again
  await expect.poll(() => readdir(folder)).toHaveLength(1)
})

test('a download that fails fails all who wait, leaves nothing, and the next one tries again', async () => {
  const { archives, downloads, folder, to } = await setup()
  const both = Promise.allSettled([
    archives.fetch(wanted, to('one'), never),
    archives.fetch(wanted, to('two'), never),
  ])
  await downloading(downloads, 1)
  downloads[0]?.done.reject(new Error('socket hang up'))
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await readdir(folder)).toEqual([])
  const again = archives.fetch(wanted, to('again'), never)
  await downloading(downloads, 2)
  downloads[1]?.done.resolve()
  await again
})

test('what was damaged is fetched again once it is forgotten', async () => {
  const { archives, downloads, to } = await setup()
  for (const [index, name] of ['one', 'two'].entries()) {
    const fetching = archives.fetch(wanted, to(name), never)
    await downloading(downloads, index + 1)
    downloads[index]?.done.resolve()
    await fetching
    await archives.forget(wanted)
  }
})

test('a submodule is fetched again for another repository: what one may read, another may not', async () => {
  const { archives, downloads, to } = await setup()
  const lib = { ...repository, id: 0, name: 'lib' }
  for (const [index, owner] of [1, 2].entries()) {
    const fetching = archives.fetch({ owner, repository: lib, sha: wanted.sha }, to(`${owner}`), never)
    await downloading(downloads, index + 1)
    downloads[index]?.done.resolve()
    await fetching
  }
})

test('beyond its size those used least recently go, and the half written of the killed', async () => {
  const { archives, downloads, folder, to } = await setup(120) // two archives and a bit
  async function fetchOne(sha: string) {
    const count = downloads.length
    const fetching = archives.fetch({ ...wanted, sha }, to(sha), never)
    await downloading(downloads, count + 1)
    downloads[count]?.done.resolve()
    await fetching
  }
  await fetchOne('1'.repeat(40))
  const [first = ''] = await readdir(folder)
  const before = new Date(Date.now() - 2 * 60 * 60_000)
  await utimes(path.join(folder, first), before, before)
  await writeFile(path.join(folder, '.left'), 'half')
  await utimes(path.join(folder, '.left'), before, before)
  await fetchOne('2'.repeat(40))
  await fetchOne('3'.repeat(40))
  const left = await readdir(folder)
  expect(left).toHaveLength(2)
  expect(left).not.toContain(first)
  expect(await readFile(to('1'.repeat(40)), 'utf8')).toContain('archive of 1') // who had it keeps it
})
