// Archives that somebody uploads: every row of RELIABILITY.md section 4b, built by hand, is refused with its own code, and nothing
// is written outside or left behind. Then archives mutated at random: whatever comes of them, nothing is written outside and
// nobody crashes. ARCHIVES=10000 runs as many as a release asks for.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { extractUpload } from '../../src/builds/archive/extract.ts'
import { type RefusalCode, uploadLimits } from '../../src/builds/archive/refusals.ts'
import { unpack } from '../../src/builds/archive/unpack.ts'
import { archive, type Member, pax, tarball } from '../support/archives.ts'

const never = new AbortController().signal
// Each starts a thread: generous, because machines are shared.
const patient = { timeout: 60_000 }

async function setup() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-upload-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(path.join(folder, 'outside'))
  await writeFile(path.join(folder, 'outside', 'canary'), 'alive')
  const file = path.join(folder, 'archive.tar.gz')
  const to = path.join(folder, 'source')
  const untouched = async (besides: string[] = []) => {
    expect((await readdir(folder)).sort()).toEqual(['archive.tar.gz', 'outside', ...besides])
    expect(await readdir(path.join(folder, 'outside'))).toEqual(['canary'])
    expect(await readFile(path.join(folder, 'outside', 'canary'), 'utf8')).toBe('alive')
  }
  const run = async (content: Buffer, limits = uploadLimits) => {
    await writeFile(file, content)
    return extractUpload(file, to, never, limits)
  }
  return { to, file, run, untouched }
}

const folder = (name: string): Member => ({ path: name, type: '5' })
const file = (name: string, content: string | Buffer = 'x'): Member => ({ path: name, content })
const link = (name: string, target: string): Member => ({ path: name, type: '2', linkpath: target })
const hard = (name: string, target: string): Member => ({ path: name, type: '1', linkpath: target })
const long = 'n/'.repeat(30_000)

const rows: [string, RefusalCode, Member[]][] = [
  [
    'CVE-2018-20834: a hard link outside, then a file of its name',
    'hard_link',
    [hard('x', '../outside/canary'), file('x')],
  ],
  [
    'CVE-2021-32803: a folder, a link of its name, a file through it',
    'link',
    [folder('x'), link('x', '../outside'), file('x/canary')],
  ],
  ['CVE-2021-32804: several slashes first', 'path_absolute', [file('////tmp/sluice-escaped')]],
  ['CVE-2021-37701: a name with a backslash', 'path_characters', [folder('a\\b'), file('a/b')]],
  ['CVE-2021-37701: names that differ by case', 'name_collision', [file('a/One'), file('A/one')]],
  [
    'CVE-2021-37712: names that differ by composition',
    'name_collision',
    [file('caf\u00e9'), file('cafe\u0301')],
  ],
  ['CVE-2021-37713: relative to a drive', 'path_absolute', [file('C:../../x')]],
  [
    'CVE-2024-28863: tens of thousands of folders',
    'path_too_long',
    [pax({ path: `${long}x` }), file('short')],
  ],
  ['CVE-2026-23745: a link to an absolute path', 'link_absolute', [link('x', '/etc'), file('x/passwd')]],
  ['CVE-2026-23745: a hard link to an absolute path', 'hard_link', [hard('x', '/etc/passwd')]],
  [
    'CVE-2026-23950: names that are one by a ligature',
    'name_collision',
    [file('stra\u00dfe'), file('strasse')],
  ],
  [
    'CVE-2026-24842: a hard link that climbs',
    'hard_link',
    [folder('a'), hard('a/x', '../../outside/canary')],
  ],
  [
    'CVE-2026-26960: a chain of links, then a hard link through it',
    'link',
    [link('a', '.'), link('b', 'a/..'), hard('x', 'b/outside/canary')],
  ],
  ['CVE-2026-29786: a hard link relative to a drive', 'hard_link', [hard('x', 'C:../../t')]],
  ['CVE-2026-31802: a link relative to a drive', 'link_absolute', [link('x', 'C:../../t')]],
  ['CVE-2026-59875: a NUL in a PAX path', 'header', [pax({ path: 'a\0b' }), file('short')]],
  ['CVE-2026-59874: a negative size', 'header', [file('a'), { path: 'b', content: '', base256: -1n }]],
  ['CVE-2026-59874: a size beyond all numbers', 'header', [{ path: 'b', content: '', base256: 1n << 70n }]],
  [
    'GHSA-r292-9mhp-454m: a path of a megabyte',
    'path_too_long',
    [pax({ path: 'd/'.repeat(450_000) }), file('short')],
  ],
  ['an absolute path', 'path_absolute', [file('/tmp/sluice-escaped')]],
  ['a path that climbs', 'path_climbs', [file('../outside/canary')]],
  [
    'a GNU long path that climbs',
    'path_climbs',
    [{ path: 'L', type: 'L', content: '../outside/canary\0' }, file('ok')],
  ],
  ['a link that stays inside', 'link', [file('a'), link('x', 'a')]],
  ['a link without a target', 'header', [link('x', '')]],
  ['a hard link that stays inside', 'hard_link', [file('a'), hard('x', 'a')]],
  ['a device', 'special_file', [{ path: 'null', type: '3' }]],
  ['a pipe', 'special_file', [{ path: 'pipe', type: '6' }]],
  ['a member of an unknown kind', 'special_file', [file('a'), { path: 'b', type: 'Z' }]],
  ['the same file twice', 'name_twice', [file('x', 'one'), file('x', 'two')]],
  ['a file below a file', 'name_twice', [file('x'), file('x/y')]],
  ['a .git folder', 'git_folder', [file('.git/config')]],
  ['a .git folder by its short name', 'git_folder', [file('a/GIT~1/config')]],
  ['settings of npm', 'npm_settings', [file('.npmrc', 'registry=http://127.0.0.1')]],
  ['settings of npm, deeper and in capitals', 'npm_settings', [file('a/.NPMRC')]],
  ['control characters', 'path_characters', [file('a\u001b[2Jb')]],
  ['a file without a name', 'path_empty', [file('./.')]],
  ['nested too deep', 'path_too_deep', [file(`${'d/'.repeat(40)}x`)]],
]

describe('S40, S41: refused with its own code, no byte outside, nothing left', patient, () => {
  test.each(rows)('%s', async (_name, code, members) => {
    const { run, untouched } = await setup()
    const result = await run(archive(...members))
    expect(result).toMatchObject({ kind: 'refused', code })
    await untouched()
  })

  const tight = { ...uploadLimits, unpackedBytes: 1_000_000, entries: 10 }
  test.each<[string, RefusalCode, () => Buffer]>([
    [
      'CVE-2026-59873: a bomb, by what its header says',
      'unpacks_too_large',
      () => archive(file('z', Buffer.alloc(5_000_000))),
    ],
    [
      'CVE-2026-59873: a bomb whose bytes belong to no file',
      'unpacks_too_large',
      () => gzipSync(Buffer.concat([tarball(file('a')), Buffer.alloc(9_000_000)])),
    ],
    ['CVE-2026-59873: a bomb in a bomb', 'compressed_twice', () => gzipSync(archive(file('a')))],
    [
      'more files than are taken',
      'too_many_entries',
      () => archive(...Array.from({ length: 11 }, (_, index) => file(`f${index}`))),
    ],
  ])('%s', async (_name, code, make) => {
    const { run, untouched } = await setup()
    expect(await run(make(), tight)).toMatchObject({ kind: 'refused', code })
    await untouched()
  })

  test('CVE-2026-53655: a PAX size before a long name smuggles no member in', async () => {
    const { to, run, untouched } = await setup()
    const hidden = tarball(file('.npmrc')).subarray(0, 1024)
    const result = await run(
      archive(pax({ size: '1024' }), { path: 'L', type: 'L', content: 'long\0' }, file('s', hidden)),
    )
    expect(result).toMatchObject({ kind: 'unpacked', files: 1 })
    expect(await readdir(to)).toEqual(['long'])
    await untouched(['source'])
  })

  test('GHSA-w8wr-v893-vjvp: a PAX path of digits is a name like any other', async () => {
    const { to, run } = await setup()
    expect(await run(archive(pax({ path: '12345' }), file('short')))).toMatchObject({ kind: 'unpacked' })
    expect(await readdir(to)).toEqual(['12345'])
  })

  test('CVE-2025-64118: one that is cut off gives no bytes that were not in it', async () => {
    const { run, untouched } = await setup()
    const half = tarball(file('a', Buffer.alloc(4_096, 'x'))).subarray(0, 2_048)
    expect(await run(gzipSync(half))).toMatchObject({ kind: 'damaged' })
    await untouched()
  })

  test('S42: the folder is new, ours alone, and never one that was there', async () => {
    const { to, run } = await setup()
    expect(await run(archive(file('./a'), folder('./'), file('b/c')))).toMatchObject({
      kind: 'unpacked',
      files: 2,
    })
    expect((await readdir(to)).sort()).toEqual(['a', 'b'])
    expect((await stat(to)).mode & 0o777).toBe(0o700)
    await expect(run(archive(file('d')))).rejects.toThrow(/ENOTEMPTY|EEXIST/)
    expect((await readdir(to)).sort()).toEqual(['a', 'b'])
  })
})

const members = fc.array(
  fc.record({
    path: fc.constantFrom('a', 'a/b', '../x', '/x', 'A', 'pax', '.git/x', 'c/../d', './e'),
    type: fc.constantFrom('0', '1', '2', '3', '5', 'x', 'g', 'L', 'K', 'Z'),
    content: fc.constantFrom(
      '',
      'x',
      '11 path=12345\n',
      '20 path=../outside/x\n',
      '../outside/x\0',
      'y'.repeat(600),
    ),
    linkpath: fc.constantFrom('', 'a', '../outside', '/etc'),
  }),
  { minLength: 1, maxLength: 6 },
)
// Without a thread of its own, which takes longer to start than an archive to unpack.
const here = { limits: uploadLimits, compression: 'gzip', packer: 'uploader' } as const
const strokes = fc.array(fc.tuple(fc.nat(6_000), fc.nat(255)), { maxLength: 6 })

test('S40: archives mutated at random write nothing outside, and crash nobody', {
  timeout: 3_600_000,
}, async () => {
  const { to, file, untouched } = await setup()
  await fc.assert(
    fc.asyncProperty(members, strokes, fc.boolean(), async (some, changes, withSums) => {
      const content = tarball(...some)
      for (const [at, value] of changes) content[at % content.length] = value
      if (withSums) mendSums(content)
      await writeFile(file, gzipSync(content))
      await mkdir(to)
      const result = await unpack({ ...here, archive: file, to })
      expect(['unpacked', 'refused', 'damaged']).toContain(result.kind)
      await untouched(['source'])
      await rm(to, { recursive: true, force: true })
    }),
    { numRuns: Number(process.env.ARCHIVES ?? 500) },
  )
})

/** Every block as if it were a header: otherwise a changed one is noticed by its sum alone. */
function mendSums(content: Buffer): void {
  for (let at = 0; at + 512 <= content.length; at += 512) {
    const header = content.subarray(at, at + 512)
    if (header.toString('latin1', 257, 262) !== 'ustar') continue
    header.write('        ', 148)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  }
}
