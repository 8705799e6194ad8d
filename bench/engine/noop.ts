// A function that does nothing but say when it began, live as a release leaves it.
import { eq } from 'drizzle-orm'
import type { ArtifactStore } from '../../src/builds/ports.ts'
import type { Db } from '../../src/db/client.ts'
import { functions, versions } from '../../src/db/schema.ts'
import { fingerprint } from '../../src/functions/manifest.ts'
import { found, insertBuild, insertEnvironment, insertRepository } from '../../test/support/place.ts'

export const functionName = 'noop'
const code = 'export default () => performance.timeOrigin + performance.now()'

export async function deployNoop(db: Db, artifacts: Pick<ArtifactStore, 'put'>) {
  const repository = await insertRepository(db)
  const { id: environmentId } = await insertEnvironment(db, repository.id)
  const content = {
    ...found(functionName),
    bundleDigest: await artifacts.put(Buffer.from(code)),
    sourceMapDigest: await artifacts.put(Buffer.from('{}')),
  }
  const build = await insertBuild(db, environmentId, 1, [content])
  const [one] = await db.insert(functions).values({ environmentId, name: functionName }).returning()
  if (!one) throw new Error('no function')
  const version = {
    ...content,
    functionId: one.id,
    number: 1,
    buildId: build.id,
    fingerprint: fingerprint(content),
  }
  const [active] = await db.insert(versions).values(version).returning()
  await db
    .update(functions)
    .set({ state: 'active', activeVersionId: active?.id ?? null })
    .where(eq(functions.id, one.id))
  return { id: one.id, environmentId }
}
