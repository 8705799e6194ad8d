// Installs on a disk, evicted for what they hold: the packages bundled of them count.
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { evictInstalls } from '../../src/builds/installing/install-eviction.ts'

test('what was bundled of its packages counts as the size of an install', async () => {
  const installs = await mkdtemp(path.join(os.tmpdir(), 'installs-'))
  onTestFinished(() => rm(installs, { recursive: true }))
  const now = new Date()
  const before = new Date(now.getTime() - 2 * 60 * 60_000)
  const add = async (key: string) => {
    const marker = { modules: [], digest: '', bytes: 1_000, state: '', readAt: 0 }
    await mkdir(path.join(installs, key, 'packages', 'asked'), { recursive: true })
    await writeFile(path.join(installs, key, 'complete.json'), JSON.stringify(marker))
    await utimes(path.join(installs, key, 'complete.json'), before, before)
  }
  const [plain, bundled] = ['a', 'b'].map(letter => letter.repeat(64)) as [string, string]
  for (const key of [plain, bundled]) await add(key)
  expect(await evictInstalls(installs, now, 500_000)).toEqual([])
  await writeFile(path.join(installs, bundled, 'packages', 'asked', 'package-1.mjs'), 'x'.repeat(1_000_000))
  await evictInstalls(installs, now, 500_000)
  expect(await readdir(installs)).not.toContain(bundled)
})
