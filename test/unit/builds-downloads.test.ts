import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { noteDownloads, takeDownloads } from '../../src/builds/installing/downloads.ts'
import { evictManagers } from '../../src/builds/installing/package-manager-provide.ts'

const now = new Date('2026-01-02T12:00:00Z')
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000)

async function setup() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-downloads-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** As an install some hours ago left it. */
async function used(folder: string, domain: string, hours: number): Promise<void> {
  const entry = await takeDownloads(folder, domain, hoursAgo(hours))
  await writeFile(path.join(entry, 'package.tgz'), Buffer.alloc(100_000, 1))
  await noteDownloads(entry)
  await utimes(path.join(entry, 'bytes'), hoursAgo(hours), hoursAgo(hours))
}

test('previews and branches of a repository have downloads of their own', async () => {
  const folder = await setup()
  const branches = await takeDownloads(folder, '7 branches', now)
  const previews = await takeDownloads(folder, '7 previews', now)
  expect(new Set([branches, previews, await takeDownloads(folder, '8 branches', now)]).size).toBe(3)
  expect(await takeDownloads(folder, '7 branches', now)).toBe(branches)
})

test('downloads used least recently go, before one of them is used', async () => {
  const folder = await setup()
  await used(folder, '1 branches', 9)
  await used(folder, '2 branches', 5)
  await used(folder, '3 branches', 0.5)
  await takeDownloads(folder, '4 branches', now, 220_000)
  expect((await readdir(folder)).toSorted()).toEqual(['2-branches', '3-branches', '4-branches'])
  // Its own, grown too large, is begun anew.
  expect(await readdir(await takeDownloads(folder, '2 branches', now, 50_000))).toEqual(['bytes'])
})

test('package managers used least recently go', async () => {
  const folder = await setup()
  for (const [name, hours] of Object.entries({ 'pnpm@9.0.0': 9, 'pnpm@10.0.0': 2, 'yarn@1.22.22': 0.1 })) {
    await mkdir(path.join(folder, name))
    const marker = path.join(folder, name, 'complete.json')
    await writeFile(marker, JSON.stringify({ program: 'any', hashes: [], bytes: 100 }))
    await utimes(marker, hoursAgo(hours), hoursAgo(hours))
  }
  expect(await evictManagers(folder, now, 200)).toEqual(['pnpm@9.0.0'])
  expect(await evictManagers(folder, now, 10)).toEqual(['pnpm@10.0.0'])
})
