import { createHash } from 'node:crypto'
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { digestOfFile } from '../../src/builds/known-files.ts'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')

test('a file that was changed is read again, though it has its size and its time of before', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'known-files-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const later = Date.now() + 60_000 // what is new is not remembered
  const file = path.join(folder, 'package.mjs')
  await writeFile(file, 'one')
  expect(await digestOfFile(file, later)).toBe(sha256('one'))
  expect(await digestOfFile(file, later)).toBe(sha256('one'))
  const { atime, mtime } = await stat(file)
  await writeFile(file, 'two')
  await utimes(file, atime, mtime)
  expect(await digestOfFile(file, later)).toBe(sha256('two'))
})
