// SQL of what reconciliation compares with: repositories in reach, their environments, what was built of the heads.
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { builds, environments, installations, repositories } from '../../db/schema.ts'
import { type Repository, repositoryFileOf } from '../../environments/store.ts'
import type { Known, KnownEnvironment } from './heads.ts'

/** Those the App may work on now. */
export async function listReachable(db: Db | Tx): Promise<Repository[]> {
  const rows = await db
    .select({ repository: repositories })
    .from(repositories)
    .innerJoin(installations, eq(installations.id, repositories.installationId))
    .where(
      and(isNull(repositories.removedAt), isNull(installations.suspendedAt), isNull(installations.deletedAt)),
    )
    .orderBy(asc(repositories.id))
  return rows.map(row => row.repository)
}

/** `lastLook`: a repository first heard of after it was there before, for all we know. */
export async function knownOf(
  db: Db | Tx,
  repository: Repository,
  shas: readonly string[],
  lastLook: Date | null,
): Promise<Known> {
  const built = await builtSince(db, repository, shas)
  const { createdAt, heads, defaultBranch } = repository
  return {
    file: repositoryFileOf(repository),
    ...{ defaultBranch, heads },
    since: lastLook && lastLook < createdAt ? lastLook : createdAt,
    environments: await environmentsOf(db, repository.id),
    isBuilt: (environmentId, sha) => built.has(`${environmentId} ${sha}`),
  }
}

async function environmentsOf(db: Db | Tx, repositoryId: number): Promise<KnownEnvironment[]> {
  const rows = await db
    .select({
      environment: environments,
      newestSha: sql<string | null>`(select ${builds.sha} from ${builds}
        where ${builds.environmentId} = ${environments.id} and ${builds.kind} = 'commit' order by ${builds.number} desc limit 1)`,
    })
    .from(environments)
    .where(eq(environments.repositoryId, repositoryId))
  return rows.map(({ environment, newestSha }) => ({
    id: environment.id,
    name: environment.name,
    branch: environment.branch,
    pullNumber: environment.pullNumber,
    open: environment.closedAt === null,
    closedWithPull: environment.closedAt !== null && environment.closedBecause === 'pull_closed',
    newestSha,
  }))
}

async function builtSince(
  db: Db | Tx,
  { id, headsAt }: Repository,
  shas: readonly string[],
): Promise<Set<string>> {
  if (shas.length === 0) return new Set()
  const rows = await db
    .selectDistinct({ environmentId: builds.environmentId, sha: builds.sha })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(
      and(
        eq(environments.repositoryId, id),
        sql`${builds.sha} = any(${sql.param([...shas])})`,
        headsAt ? sql`${builds.createdAt} >= ${headsAt.toISOString()}::timestamptz` : undefined,
      ),
    )
  return new Set(rows.map(row => `${row.environmentId} ${row.sha}`))
}

/** Of all repositories in reach. */
export async function countOpenPreviews(db: Db | Tx): Promise<number> {
  const open = sql`${environments.kind} = 'preview' and ${environments.closedAt} is null`
  return db.$count(environments, open)
}

export function listInstallations(db: Db | Tx) {
  return db.select().from(installations).where(isNull(installations.deletedAt))
}

export function listRepositoriesOf(db: Db | Tx, installationId: number): Promise<Repository[]> {
  const own = and(eq(repositories.installationId, installationId), isNull(repositories.removedAt))
  return db.select().from(repositories).where(own)
}
