// SQL of deliveries, installations and the App's own settings; and what this folder reads of other domains' tables.
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import { ofComment } from '../commands/store.ts'
import type { Db, Tx } from '../db/client.ts'
import {
  builds,
  commands,
  deliveries,
  environments,
  installations,
  reports,
  repositories,
  settings,
} from '../db/schema.ts'
import type { Delivery } from './deliveries/delivery.ts'

/**
 * Resolves to whether there is work: false for a delivery that is here already. One that failed before is taken up again,
 * because somebody pressed "Redeliver" for it.
 */
export async function insertDelivery(tx: Tx, delivery: Delivery): Promise<boolean> {
  const rows = await tx
    .insert(deliveries)
    .values(delivery)
    .onConflictDoUpdate({
      target: deliveries.id,
      set: { error: null, processedAt: null },
      setWhere: sql`${deliveries.error} is not null`,
    })
    .returning({ id: deliveries.id })
  return rows.length > 0
}

export async function findDelivery(db: Db | Tx, id: string) {
  const [row] = await db.select().from(deliveries).where(eq(deliveries.id, id))
  return row ?? null
}

export async function markProcessed(db: Db | Tx, id: string, error: string | null): Promise<void> {
  await db.update(deliveries).set({ processedAt: sql`now()`, error }).where(eq(deliveries.id, id))
}

export async function markDeliveryFailed(db: Db | Tx, id: string, error: string): Promise<void> {
  await db
    .update(deliveries)
    .set({ error })
    .where(and(eq(deliveries.id, id), isNull(deliveries.processedAt)))
}

/**
 * Deliveries that nobody is going to process: their job is gone, or used up its retries an hour ago. pg-boss has no question
 * for that, so its table is read here; `error` tells the two apart. After three days (as long as GitHub keeps them) they stay
 * as they are, with their error.
 */
export async function deliveriesLeftBehind(db: Db | Tx, limit: number): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    with unprocessed as materialized (
      select id, received_at, error from deliveries
      where processed_at is null and received_at between now() - interval '3 days' and now() - interval '1 minute'
    ), jobs as materialized (
      select data->>'id' as id,
        bool_or(state in ('created', 'retry', 'active')) as live,
        max(coalesce(completed_on, created_on)) as touched_at
      from pgboss.job
      where name = 'delivery' and data->>'id' in (select id from unprocessed)
      group by 1
    )
    select unprocessed.id from unprocessed left join jobs using (id)
    where not coalesce(live, false)
      and (error is null or touched_at is null or touched_at < now() - interval '1 hour')
    order by received_at
    limit ${limit}`)
  return rows.map(row => row.id)
}

/** Which of these ids are here, processed or not. */
export async function storedDeliveries(db: Db | Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(inArray(deliveries.id, [...ids]))
  return new Set(rows.map(row => row.id))
}

export interface InstallationSaid {
  id: number
  account: string
  accountId: number
  permissions: Record<string, string>
  suspendedAt: Date | null
}

/** As GitHub has it now. One that was deleted stays so: GitHub never uses the id again. */
export async function saveInstallation(tx: Tx, said: InstallationSaid): Promise<void> {
  const { id: _, ...changed } = said
  await tx.insert(installations).values(said).onConflictDoUpdate({ target: installations.id, set: changed })
}

/** For a payload that names an installation we never heard of; what is known already is better. */
export async function ensureInstallation(
  tx: Tx,
  known: Pick<InstallationSaid, 'id' | 'account' | 'accountId'>,
): Promise<void> {
  await tx.insert(installations).values(known).onConflictDoNothing()
}

export async function findInstallation(db: Db | Tx, id: number) {
  const [row] = await db.select().from(installations).where(eq(installations.id, id))
  return row ?? null
}

export async function markInstallationDeleted(tx: Tx, id: number): Promise<void> {
  await tx
    .update(installations)
    .set({ deletedAt: sql`now()` })
    .where(and(eq(installations.id, id), isNull(installations.deletedAt)))
}

export async function readSetting(db: Db | Tx, key: string): Promise<string | null> {
  const [row] = await db.select({ value: settings.value }).from(settings).where(eq(settings.key, key))
  return row?.value ?? null
}

export async function writeSetting(db: Db | Tx, key: string, value: string): Promise<void> {
  await db
    .insert(settings)
    .values({ key, value })
    .onConflictDoUpdate({ target: settings.key, set: { value, updatedAt: sql`now()` } })
}

/**
 * Whether this process is to do a round that all of them have in common: nobody has begun one for `notWithinMs`. One that
 * dies in the middle is followed by the next after the same time.
 */
export async function claimRound(db: Db | Tx, name: string, notWithinMs: number): Promise<boolean> {
  const rows = await db
    .insert(settings)
    .values({ key: `round: ${name}`, value: '' })
    .onConflictDoUpdate({
      target: settings.key,
      set: { updatedAt: sql`now()` },
      setWhere: sql`${settings.updatedAt} <= now() - ${notWithinMs} * interval '1 millisecond'`,
    })
    .returning({ key: settings.key })
  return rows.length > 0
}

/** The next who asks gets it. */
export async function forgetRound(db: Db | Tx, name: string): Promise<void> {
  await db.delete(settings).where(eq(settings.key, `round: ${name}`))
}

/** Only where it is still what it was. */
export async function replaceSetting(db: Db | Tx, key: string, was: string, value: string): Promise<void> {
  await db
    .update(settings)
    .set({ value })
    .where(and(eq(settings.key, key), eq(settings.value, was)))
}

/** False: there is one of this key already, and it stays. */
export async function insertSetting(db: Db | Tx, key: string, value: string): Promise<boolean> {
  const rows = await db
    .insert(settings)
    .values({ key, value })
    .onConflictDoNothing()
    .returning({ key: settings.key })
  return rows.length > 0
}

/** Whether the App may still work on a repository: neither it nor its installation is removed or suspended. */
export async function isReachable(db: Db | Tx, repositoryId: number): Promise<boolean> {
  const [row] = await db
    .select({ id: repositories.id })
    .from(repositories)
    .innerJoin(installations, eq(installations.id, repositories.installationId))
    .where(
      and(
        eq(repositories.id, repositoryId),
        isNull(repositories.removedAt),
        isNull(installations.suspendedAt),
        isNull(installations.deletedAt),
      ),
    )
  return row !== undefined
}

/** Builds of an environment whose deployment stands at GitHub and says something else than "inactive". */
export async function deploymentsToRevise(db: Db | Tx, environmentId: string): Promise<string[]> {
  const rows = await db
    .select({ id: builds.id })
    .from(reports)
    .innerJoin(builds, eq(sql`${builds.id}::text`, reports.subject))
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(
      and(
        eq(reports.kind, 'deployment'),
        eq(builds.environmentId, environmentId),
        // One that is inactive has nothing new to say, unless it is the live build of an environment opened again.
        or(
          sql`coalesce(${reports.remote}->>'state', '') <> 'inactive'`,
          eq(builds.id, environments.activeBuildId),
        ),
      ),
    )
  return rows.map(row => row.id)
}

/** A command of a comment, with what the other commands of its comment have come to. */
export async function findCommand(db: Db | Tx, id: string) {
  const [row] = await db
    .select({ command: commands, repository: repositories })
    .from(commands)
    .innerJoin(repositories, eq(repositories.id, commands.repositoryId))
    .where(eq(commands.id, id))
  if (!row?.command.commentId) return null
  const { commentId, commitSha } = row.command
  const siblings = await db
    .select({ state: commands.state })
    .from(commands)
    .where(and(ofComment(commentId, commitSha), sql`${commands.reasonCode} is distinct from 'ignored'`))
  const command = { ...row.command, commentId }
  return { ...row, command, states: siblings.map(sibling => sibling.state) }
}
