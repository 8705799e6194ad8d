// Images of versions in a real registry, run by podman with what docs/images.md says. Left out where these are not installed.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { eq, isNotNull } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { versionImages, versions } from '../../src/db/schema.ts'
import { makeNext } from '../../src/images/images.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bareFiles } from '../support/projects.ts'
import { credentials, hasPrograms, pushNodeBase, startRegistry } from '../support/registry.ts'
import { log } from './executions-setup.ts'

async function start() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-images-'))
  const registry = await startRegistry(path.join(folder, 'registry'))
  await pushNodeBase(registry.url)
  const { db, close } = connect(await freshDatabase(inject('postgresUrl')), { max: 4, name: 'images test' })
  const place = await createTestBuilder(db)
  const base = `${registry.url}/base/node:24`
  const deps = (more: object = {}) => ({
    ...{ db, artifacts: place.artifacts, log },
    settings: { registry: `${registry.url}/functions`, credentials, base, ...more },
  })
  const settings = path.join(folder, 'containers.conf')
  // As little as a container of a test may need: also machines that cannot give more run it.
  await writeFile(settings, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
  return {
    db,
    place,
    deps,
    registry,
    /** What it writes, and how it ends. */
    podman(tag: string, input: string) {
      const places = ['--root', path.join(folder, 'storage'), '--runroot', path.join(folder, 'run')]
      const image = tag.replace(new URL(registry.url).host, registry.open)
      return new Promise<{ code: number; out: string; error: string }>(resolve => {
        const child = execFile(
          'podman',
          [
            ...places,
            ...[
              '--runtime',
              'runc',
              '--cgroup-manager',
              'cgroupfs',
              'run',
              '--rm',
              '-i',
              '--network',
              'none',
            ],
            ...['--tls-verify=false', image],
          ],
          { env: { ...process.env, CONTAINERS_CONF: settings } },
          (failure, out, error) => resolve({ code: Number(failure?.code ?? 0), out, error }),
        )
        child.stdin?.end(input)
      })
    },
    async stop() {
      await registry.stop()
      await place.close()
      await close()
      await new Promise(resolve =>
        execFile(
          'podman',
          [
            '--root',
            path.join(folder, 'storage'),
            '--runroot',
            path.join(folder, 'run'),
            'system',
            'reset',
            '-f',
          ],
          resolve,
        ),
      )
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const files = {
  ...bareFiles,
  'functions/greet.ts': `export default async function greet(name: string) {
  console.log('greeting', name)
  return { hello: name }
}
`,
  'functions/fails.ts': `export default async function fails() {
  throw new RangeError('no stock left')
}
`,
}

describe.skipIf(!hasPrograms('podman', 'runc', 'docker-registry'))('images', () => {
  let world: Awaited<ReturnType<typeof start>>
  let environmentId: string
  beforeAll(async () => {
    world = await start()
    const environment = await world.place.environment()
    environmentId = environment.id
    const { failure } = await world.place.build(environmentId, files)
    expect(failure).toBeNull()
    while (await makeNext(world.deps()));
  })
  afterAll(() => world?.stop())

  test('a version is pushed, and run from there it returns what the function returns', async () => {
    const [row] = await world.db
      .select({ tag: versionImages.tag, digest: versionImages.digest, error: versionImages.error })
      .from(versionImages)
      .innerJoin(versions, eq(versions.id, versionImages.versionId))
      .where(eq(versions.file, 'functions/greet.ts'))
    expect(row).toMatchObject({ digest: expect.stringMatching(/^sha256:/), error: null })
    const ran = await world.podman(row?.tag ?? '', '["Ada"]')
    expect(ran, ran.error).toMatchObject({ code: 0, out: '{"hello":"Ada"}\n' })
    expect(ran.error).toContain('greeting Ada')
  })

  test('what the function throws is told, with the place in its source', async () => {
    const [row] = await world.db
      .select({ tag: versionImages.tag })
      .from(versionImages)
      .innerJoin(versions, eq(versions.id, versionImages.versionId))
      .where(eq(versions.file, 'functions/fails.ts'))
    const ran = await world.podman(row?.tag ?? '', '')
    expect(ran).toMatchObject({ code: 1, out: '' })
    const lines = ran.error.trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ name: 'RangeError', message: 'no stock left' })
    expect(ran.error).toContain('functions/fails.ts:2')
  })

  test('the same build again is the same digest', async () => {
    const other = await world.place.environment()
    await world.place.build(other.id, { 'README.md': 'another commit of the same functions' })
    while (await makeNext(world.deps()));
    const rows = await world.db
      .select({ file: versions.file, digest: versionImages.digest })
      .from(versionImages)
      .innerJoin(versions, eq(versions.id, versionImages.versionId))
    for (const file of ['functions/greet.ts', 'functions/fails.ts']) {
      const digests = rows.filter(row => row.file === file).map(row => row.digest)
      expect(digests).toHaveLength(2)
      expect(new Set(digests).size).toBe(1)
    }
  })

  test('of a changed function its own layer is sent, and nothing else of it', async () => {
    world.registry.uploads()
    const changed = files['functions/greet.ts'].replace('hello:', 'welcome:')
    await world.place.build(environmentId, { 'functions/greet.ts': changed })
    while (await makeNext(world.deps()));
    const [layer, config, manifest, ...more] = world.registry.uploads()
    expect(more).toEqual([])
    expect([layer, config]).toEqual([
      expect.stringContaining('/greet/blobs/uploads/'),
      expect.stringContaining('/greet/blobs/uploads/'),
    ])
    expect(manifest).toContain('/greet/manifests/v2')
  })

  test('a registry that refuses is told of in the row, and the release stands', async () => {
    const again = files['functions/greet.ts'].replace('hello:', 'hi:')
    const { state } = await world.place.build(environmentId, { 'functions/greet.ts': again })
    expect(state).toBe('succeeded')
    expect(await makeNext(world.deps({ credentials: { user: 'sluice', password: 'wrong' } }))).toBe(true)
    expect(await makeNext(world.deps())).toBe(false) // not before its time
    const [row] = await world.db.select().from(versionImages).where(isNotNull(versionImages.error))
    expect(row).toMatchObject({ digest: null, error: expect.stringContaining('gave no token') })
  })
})
