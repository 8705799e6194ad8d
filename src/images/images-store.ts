// SQL of versions' images: which is to be made next, and what became of it.
import { eq, sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { versionImages } from '../db/schema.ts'

export type ToMake = {
  versionId: string
  tries: number
  number: number
  functionName: string
  environment: string
  owner: string
  repository: string
  bundleDigest: string
  sourceMapDigest: string
}

const heldMinutes = 15
const recentDays = 7

/**
 * The oldest version without an image that is live, or was made within a week; held for a while, so that nobody else makes it,
 * and somebody does if we die. Null: there is none.
 */
export async function claimNext(db: Db): Promise<ToMake | null> {
  const [row] = await db.execute<ToMake>(sql`
    with due as (
      select v.id
      from versions v
      join functions f on f.id = v.function_id
      left join version_images i on i.version_id = v.id
      where (i.version_id is null or (i.digest is null and i.next_try_at <= now()))
        and f.state <> 'deleted'
        and (f.active_version_id = v.id or v.created_at > now() - make_interval(days => ${recentDays}))
      order by i.next_try_at nulls first, v.created_at
      limit 1
      for no key update of v skip locked
    ),
    claimed as (
      insert into version_images as i (version_id, tries, next_try_at)
      select id, 1, now() + make_interval(mins => ${heldMinutes}) from due
      on conflict (version_id) do update set tries = i.tries + 1, next_try_at = excluded.next_try_at
        where i.digest is null and i.next_try_at <= now()
      returning version_id, tries
    )
    select c.version_id as "versionId", c.tries, v.number, f.name as "functionName", e.name as environment, r.owner,
      r.name as repository, v.bundle_digest as "bundleDigest", v.source_map_digest as "sourceMapDigest"
    from claimed c
    join versions v on v.id = c.version_id
    join functions f on f.id = v.function_id
    join environments e on e.id = f.environment_id
    join repositories r on r.id = e.repository_id
  `)
  return row ?? null
}

export async function pushed(
  db: Db,
  versionId: string,
  image: { tag: string; digest: string },
): Promise<void> {
  await db
    .update(versionImages)
    .set({ ...image, pushedAt: sql`now()`, error: null })
    .where(eq(versionImages.versionId, versionId))
}

export async function failed(db: Db, versionId: string, error: string, waitSeconds: number): Promise<void> {
  await db
    .update(versionImages)
    .set({ error, nextTryAt: sql`now() + make_interval(secs => ${waitSeconds})` })
    .where(eq(versionImages.versionId, versionId))
}
