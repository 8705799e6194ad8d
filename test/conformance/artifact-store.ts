// What every ArtifactStore has to keep to, whatever holds the bytes. `create` gives an empty one for each test.
import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ArtifactStore } from '../../src/builds/ports.ts'

export function conformsAsArtifactStore(create: () => Promise<ArtifactStore>): void {
  const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

  test('content is put under its sha256 and comes back byte by byte', async () => {
    const store = await create()
    const content = randomBytes(300_000)
    const digest = await store.put(content)
    expect(digest).toBe(sha256(content))
    expect(await store.get(digest)).toEqual(content)
  })

  test('empty content is content', async () => {
    const store = await create()
    expect(await store.get(await store.put(new Uint8Array()))).toEqual(Buffer.alloc(0))
  })

  test('the same content put many times at once is stored once and whole', { timeout: 60_000 }, async () => {
    const store = await create()
    const content = randomBytes(2_000_000)
    const digests = await Promise.all(Array.from({ length: 20 }, () => store.put(content)))
    expect(new Set(digests)).toEqual(new Set([sha256(content)]))
    expect(await store.get(sha256(content))).toEqual(content)
  })

  test('a digest that was never put is not found', async () => {
    const store = await create()
    await expect(store.get(sha256(Buffer.from('never')))).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a name that is no digest is not found', async () => {
    const store = await create()
    await expect(store.get('../../etc/passwd')).rejects.toMatchObject({ code: 'not_found' })
    await expect(store.get('')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('what it says it has is there', async () => {
    const store = await create()
    const digest = await store.put(Buffer.from('content'))
    expect(await store.has(sha256(Buffer.from('never')))).toBe(false)
    await store.has(digest) // may be false: it is not asked to find out
    await store.delete(digest)
    expect(await store.has(digest)).toBe(false)
  })

  test('deleted content is not found, and deleting again is fine', async () => {
    const store = await create()
    const digest = await store.put(Buffer.from('short-lived'))
    await store.delete(digest)
    await store.delete(digest)
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'not_found' })
    expect(await store.put(Buffer.from('short-lived'))).toBe(digest)
  })
}
