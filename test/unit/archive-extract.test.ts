// The archives that broke others (RELIABILITY.md section 4b) and their relatives, each built by hand: refused, with nothing
// written outside and nothing left behind.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from '../../src/builds/archive/entries.ts'
import { extract } from '../../src/builds/archive/extract.ts'
import { archive, type Member, pax, tarball } from '../support/archives.ts'

const never = new AbortController().signal

async function setup() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-archive-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // What an escape would hit: the folder beside, with a file of a known name.
  await mkdir(path.join(folder, 'outside'))
  await writeFile(path.join(folder, 'outside', 'canary'), 'alive')
  const file = path.join(folder, 'archive.tar.gz')
  const to = path.join(folder, 'source')
  const run = async (content: Buffer, limits = defaultLimits, signal = never) => {
    await writeFile(file, content)
    return extract(file, to, signal, limits)
  }
  return { folder, to, run }
}

const folder = (name: string): Member => ({ path: name, type: '5' })
const file = (name: string, content = 'x'): Member => ({ path: name, content })
const link = (name: string, target: string): Member => ({ path: name, type: '2', linkpath: target })

const hostile: [string, Member[]][] = [
  ['a path that climbs out', [file('top/../../outside/canary')]],
  ['a path that climbs out of the top folder only', [file('top/../other')]],
  ['an absolute path', [file('/tmp/sluice-escaped')]],
  ['an absolute path after several slashes', [file('////tmp/sluice-escaped')]],
  ['a drive-relative path', [file('C:../../x')]],
  ['a path with a backslash', [file('top/a\\..\\..\\b')]],
  ['a hard link to a file outside', [{ path: 'top/x', type: '1', linkpath: '../outside/canary' }]],
  ['a hard link to a file inside', [file('top/a'), { path: 'top/b', type: '1', linkpath: 'top/a' }]],
  ['a character device', [{ path: 'top/null', type: '3' }]],
  ['a block device', [{ path: 'top/disk', type: '4' }]],
  ['a pipe', [{ path: 'top/pipe', type: '6' }]],
  ['a member of an unknown kind', [file('top/a'), { path: 'top/b', type: 'Z' }]],
  ['an absolute link', [link('top/x', '/etc')]],
  ['a link with a drive', [link('top/x', 'C:../../t')]],
  ['a link that leads out', [link('top/x', '../outside')]],
  ['a link that leads out from deep inside', [folder('top/a/b'), link('top/a/b/x', '../../../outside')]],
  [
    'a link that leads out through another link',
    [link('top/a/here', '..'), link('top/x', 'a/here/../outside')],
  ],
  [
    'a link whose way out only shows on disk',
    [link('top/d/e/f/root', '../../..'), link('top/y', 'd/e/f/root/../outside')],
  ],
  ['a link to nothing outside', [link('top/x', '../not-there-yet')]],
  ['links that lead to each other', [link('top/a', 'b'), link('top/b', 'a')]],
  ['a link without a target', [{ path: 'top/x', type: '2', linkpath: '' }]],
  [
    'a folder replaced by a link, then written through',
    [folder('top/x'), link('top/x', '../outside'), file('top/x/canary')],
  ],
  ['a link, then a file below it', [link('top/x', '.'), file('top/x/a')]],
  ['a link, then a file of its name', [link('top/x', 'a'), file('top/x')]],
  ['a file, then a file below it', [file('top/x'), file('top/x/a')]],
  ['the same file twice', [file('top/x', 'one'), file('top/x', 'two')]],
  ['names that differ by case', [file('top/Readme'), file('top/README')]],
  ['names that differ by composition', [file('top/caf\u00e9'), file('top/cafe\u0301')]],
  ['folders that differ by case', [file('top/A/x'), link('top/a', '..')]],
  ['names that differ by a ligature', [file('top/\ufb01le'), file('top/file')]],
  ['a .git folder', [file('top/.git/config')]],
  ['a .git folder in capitals', [file('top/sub/.GIT/config')]],
  ['a .git folder by its short name', [file('top/git~1/config')]],
  ['a .git folder with ignorable characters', [file('top/.g\u200cit/config')]],
  ['a .git file of a submodule', [file('top/sub/.git')]],
  ['a newline in a name', [file('top/a\nb')]],
  ['an escape sequence in a name', [file('top/\u001b[2Ja')]],
  ['invalid UTF-8 in a name', [{ path: 'top/x', content: '' }, pax({ path: 'top/\ufffdx' }), file('short')]],
  ['two top folders', [file('one/a'), file('two/b')]],
  ['a file without a top folder', [file('a')]],
  [
    'a long path from a PAX header that climbs out',
    [pax({ path: 'top/../../outside/canary' }), file('top/ok')],
  ],
  ['a link from a PAX header that leads out', [pax({ linkpath: '/etc/passwd' }), link('top/x', 'ok')]],
  [
    'a long path of the GNU kind that climbs out',
    [{ path: 'L', type: 'L', content: '../../outside/canary\0' }, file('top/ok')],
  ],
  ['a name that a global PAX header changes', [pax({ linkpath: '/etc' }, 'g'), link('top/x', 'ok')]],
  ['deep nesting', [file(`top/${'d/'.repeat(47)}x`), file(`top/${'d/'.repeat(40)}y`)]],
]

// Each starts a thread: generous, because machines are shared.
const patient = { timeout: 60_000 }

describe('refused, with nothing written', patient, () => {
  test.each(hostile)('%s', async (name, members) => {
    const { folder, run } = await setup()
    const limits = { ...defaultLimits, depth: name === 'deep nesting' ? 20 : defaultLimits.depth }
    const result = await run(archive(...members), limits)
    expect(result.kind).toBe('refused')
    expect(await readdir(folder)).toEqual(['archive.tar.gz', 'outside'])
    expect(await readdir(path.join(folder, 'outside'))).toEqual(['canary'])
    expect(await readFile(path.join(folder, 'outside', 'canary'), 'utf8')).toBe('alive')
  })

  test('more entries than allowed', async () => {
    const { run } = await setup()
    const members = Array.from({ length: 11 }, (_, index) => file(`top/${index}`))
    expect(await run(archive(...members), { ...defaultLimits, entries: 10 })).toMatchObject({
      kind: 'refused',
    })
  })

  test('a bomb: 50 MB of zeroes in 50 kB, stopped by what its header says', async () => {
    const { run } = await setup()
    const bomb = archive({ path: 'top/zeroes', content: Buffer.alloc(50_000_000) })
    expect(bomb.length).toBeLessThan(100_000)
    const result = await run(bomb, { ...defaultLimits, unpackedBytes: 1_000_000 })
    expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining('unpacks to more') })
  })

  test('a bomb whose bytes belong to no file', async () => {
    const { run } = await setup()
    const bomb = gzipSync(Buffer.concat([tarball(file('top/a')), Buffer.alloc(50_000_000)]))
    const result = await run(bomb, { ...defaultLimits, unpackedBytes: 1_000_000, entries: 10 })
    expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining('unpacks to more') })
  })

  test('an archive compressed twice', async () => {
    const { run } = await setup()
    expect(await run(gzipSync(archive(file('top/a'))))).toMatchObject({ kind: 'refused' })
  })

  test('a PAX header that changes the size of the header after it smuggles nothing in', async () => {
    const { to, run } = await setup()
    const hidden = tarball(file('top/hidden')).subarray(0, 1024)
    const result = await run(
      archive(
        pax({ size: '1024' }),
        { path: 'L', type: 'L', content: 'top/long\0' },
        { path: 'top/s', content: hidden },
      ),
    )
    expect(result).toMatchObject({ kind: 'unpacked', files: 1 })
    expect(await readdir(to)).toEqual(['long'])
  })
})

describe('damaged, to be fetched again', patient, () => {
  test('an archive that ends too early', async () => {
    const { folder, run } = await setup()
    const whole = archive({ path: 'top/a', content: Buffer.from('text'.repeat(100)) })
    expect(await run(whole.subarray(0, whole.length - 20))).toMatchObject({ kind: 'damaged' })
    expect(await readdir(folder)).toEqual(['archive.tar.gz', 'outside'])
  })

  test('a whole gzip with half an archive in it', async () => {
    const { run } = await setup()
    const half = tarball({ path: 'top/a', content: Buffer.alloc(4096, 'x') }).subarray(0, 2048)
    expect(await run(gzipSync(half))).toMatchObject({ kind: 'damaged' })
  })

  test('something that is no archive', async () => {
    const { run } = await setup()
    expect((await run(Buffer.from('<html>502 Bad Gateway</html>'))).kind).toBe('damaged')
  })
})

describe('unpacked', patient, () => {
  test('files, modes, folders and links that stay inside, without the top folder', async () => {
    const { to, run } = await setup()
    const result = await run(
      archive(
        pax({ comment: 'c0ffee' }, 'g'),
        folder('repo-abc/'),
        file('repo-abc/package.json', '{}'),
        { path: 'repo-abc/bin/run', content: '#!/bin/sh', mode: 0o755 },
        folder('repo-abc/empty/'),
        link('repo-abc/current', 'bin'),
        link('repo-abc/bin/up', '../package.json'),
        link('repo-abc/later', 'not/there'),
        pax({ path: `repo-abc/${'long/'.repeat(30)}name` }),
        file('repo-abc/short', 'long'),
      ),
    )
    expect(result).toMatchObject({ kind: 'unpacked', files: 3 })
    expect((await readdir(to)).sort()).toEqual(['bin', 'current', 'empty', 'later', 'long', 'package.json'])
    expect((await stat(to)).mode & 0o777).toBe(0o700)
    expect((await stat(path.join(to, 'bin/run'))).mode & 0o777).toBe(0o755)
    expect((await stat(path.join(to, 'package.json'))).mode & 0o777).toBe(0o644)
    expect(await readlink(path.join(to, 'current'))).toBe('bin')
    expect(await readFile(path.join(to, 'bin/up'), 'utf8')).toBe('{}')
    expect(await readFile(path.join(to, 'long/'.repeat(30), 'name'), 'utf8')).toBe('long')
  })

  test('what git archive makes of a repository', async () => {
    const { folder, to, run } = await setup()
    const repository = path.join(folder, 'repository')
    const git = (...args: string[]) => execFileSync('git', ['-C', repository, ...args])
    await mkdir(path.join(repository, 'src'), { recursive: true })
    await writeFile(path.join(repository, 'src/büro.ts'), 'export {}')
    git('init', '-q')
    git('add', '-A')
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'first')
    const result = await run(git('archive', '--format=tar.gz', '--prefix=r-1/', 'HEAD'))
    expect(result).toMatchObject({ kind: 'unpacked', files: 1 })
    expect(await readdir(path.join(to, 'src'))).toEqual(['büro.ts'])
  })

  test('an abort ends it and leaves nothing', async () => {
    const { folder, run } = await setup()
    const abort = new AbortController()
    abort.abort(new Error('enough'))
    await expect(run(archive(file('top/a')), defaultLimits, abort.signal)).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual(['archive.tar.gz', 'outside'])
  })
})
