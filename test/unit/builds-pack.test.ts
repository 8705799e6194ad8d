// An installed tree, packed for other builders and unpacked there.
import { chmod, link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { extract } from '../../src/builds/archive/extract.ts'
import { keptLimits } from '../../src/builds/installing/kept-contents.ts'
import { lookThrough, pack } from '../../src/builds/installing/tree-threads.ts'

const always = new AbortController().signal

async function setup() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-pack-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const tree = path.join(folder, 'tree')
  const packages = path.join(tree, 'node_modules')
  await mkdir(path.join(packages, 'esbuild/bin'), { recursive: true })
  await mkdir(path.join(packages, '.bin'))
  await writeFile(path.join(packages, 'esbuild/bin/esbuild'), '#!/bin/sh\n')
  await chmod(path.join(packages, 'esbuild/bin/esbuild'), 0o755)
  await symlink('../esbuild/bin/esbuild', path.join(packages, '.bin/esbuild'))
  const contents = async (of = tree) => (await lookThrough({ tree: of, read: true }, always)).contents
  const to = path.join(folder, 'packed.tar.zst')
  return {
    ...{ folder, packages, contents, to },
    pack: async () => pack({ folder, name: 'tree', contents: await contents(), to }, always),
  }
}

test('comes out as it went in, a file of two names as two files', async () => {
  const { folder, packages, contents, to, pack } = await setup()
  // What the install script of esbuild does.
  await link(path.join(packages, 'esbuild/bin/esbuild'), path.join(packages, 'esbuild/linked'))
  expect(await pack()).toEqual({ refused: null })
  const other = path.join(folder, 'other')
  expect(await extract(to, other, always, keptLimits, 'zstd')).toMatchObject({ kind: 'unpacked', files: 2 })
  expect(await contents(other)).toEqual(await contents())
})

test.each([
  ['a link that leads out', '../../..', 'leads out'],
  ['a link to an absolute path', '/etc', 'absolute path'],
])('%s is not packed, because nobody would unpack it', async (_, target, why) => {
  const { packages, pack } = await setup()
  await symlink(target, path.join(packages, 'out'))
  expect(await pack()).toEqual({ refused: expect.stringContaining(why) })
})
