// What images are made of: names, layers and manifests, which must be the same for the same content.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { extract } from 'tar'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeImage } from '../../src/images/image.ts'
import { makeLayer } from '../../src/images/layer.ts'
import { nameOfImage, parseReference, tagOf } from '../../src/images/reference.ts'

describe('the name of an image', () => {
  test.each([
    ['node:24-slim', ['https://registry-1.docker.io', 'library/node', '24-slim']],
    ['acme/node', ['https://registry-1.docker.io', 'acme/node', 'latest']],
    ['registry.example.com/base/node:24', ['https://registry.example.com', 'base/node', '24']],
    ['localhost:5000/node', ['https://localhost:5000', 'node', 'latest']],
    ['http://127.0.0.1:5000/base/node:24', ['http://127.0.0.1:5000', 'base/node', '24']],
    [`ghcr.io/a/b@sha256:${'0'.repeat(64)}`, ['https://ghcr.io', 'a/b', `sha256:${'0'.repeat(64)}`]],
  ])('%s', (text, [registry, name, version]) =>
    expect(parseReference(text)).toEqual({ registry, name, version }),
  )

  test.each(['', 'Upper/Case', 'a//b', 'a b', '../up'])('"%s" is none', text =>
    expect(parseReference(text)).toBeNull(),
  )

  test('says the place of the function, however that is written, and is of it alone', () => {
    const place = { owner: 'Acme', repository: 'shop', environment: 'production', functionName: 'sendMail' }
    const name = nameOfImage('functions', place)
    expect(name).toMatch(/^functions\/acme-[0-9a-f]{6}\/shop\/production\/sendmail-[0-9a-f]{6}$/)
    expect(nameOfImage('functions', { ...place, functionName: 'sendmail' })).not.toBe(name)
    expect(nameOfImage('', { ...place, functionName: 'größe/../..' })).toMatch(/\/gr-e-[0-9a-f]{6}$/)
    expect(tagOf('http://localhost:5000', name, 7)).toBe(`localhost:5000/${name}:v7`)
    expect(parseReference(tagOf('http://localhost:5000', name, 7))?.name).toBe(name)
  })
})

describe('a layer', () => {
  const long = `function/${'a-long-folder/'.repeat(20)}index.mjs`
  const files = [
    { path: 'function/b.mjs', content: Buffer.from('b') },
    { path: 'function/a.sh', content: Buffer.from('a'.repeat(1_000)), executable: true },
    { path: long, content: Buffer.from('long') },
  ]

  test('is the same for the same files, in whatever order they come', () => {
    expect(makeLayer(files.toReversed()).digest).toBe(makeLayer(files).digest)
  })

  test('holds the files, long paths and what may be run', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-layer-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const { data } = makeLayer(files)
    const unpack = extract({ cwd: folder })
    await new Promise<void>((resolve, reject) => {
      unpack.on('close', resolve).on('error', reject)
      unpack.end(data)
    })
    expect(readFileSync(path.join(folder, long), 'utf8')).toBe('long')
    expect(readFileSync(path.join(folder, 'function/a.sh'), 'utf8')).toHaveLength(1_000)
  })
})

test('an image is its base, its layers and its name, and nothing of the time', () => {
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`
  const dockers = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
  const base = {
    layers: [{ mediaType: dockers, digest: digest('a'), size: 5 }],
    config: {
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/usr/bin'] },
      rootfs: { type: 'layers' as const, diff_ids: [digest('b')] },
    },
  }
  const layers = [makeLayer([{ path: 'function/a.mjs', content: Buffer.from('a') }])]
  const make = () => makeImage({ base, layers, args: ['/run.cjs', '/function/a.mjs'], title: 'greet' })
  expect(make().digest).toBe(make().digest)
  const manifest = JSON.parse(make().manifest.toString())
  expect(manifest.layers.map((one: { digest: string }) => one.digest)).toEqual([
    digest('a'),
    layers[0]?.digest,
  ])
  expect(new Set(manifest.layers.map((one: { mediaType: string }) => one.mediaType)).size).toBe(1)
  const config = JSON.parse(make().blobs.at(-1)?.data.toString() ?? '')
  expect(config).toMatchObject({
    created: '1970-01-01T00:00:00Z',
    config: {
      Entrypoint: ['node', '/run.cjs', '/function/a.mjs'],
      Env: expect.arrayContaining(['PATH=/usr/bin']),
    },
    rootfs: { diff_ids: [digest('b'), layers[0]?.diffId] },
  })
})
