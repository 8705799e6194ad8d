// SQL of alerts: which functions are told of as failing, and what is known of those that could be.
import { and, desc, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import type { AlertError } from '../db/schema/alerts.ts'
import { alerts, environments, functions, repositories } from '../db/schema.ts'
import type { RepositoryFile } from '../environments/repository-file.ts'
import { repositoryFileOf } from '../environments/store.ts'

export type Alert = typeof alerts.$inferSelect

export interface Candidate {
  functionId: string
  environmentId: string
  repositoryId: number
  pullNumber: number | null
  activeVersionId: string | null
  activeBuildId: string | null
  /** Nothing can fail in it any more. */
  over: boolean
  preview: boolean
  settings: RepositoryFile['notifications']['alerts']
  alert: Alert | null
}

/** These, and all that are told of as failing. */
export async function findCandidates(tx: Tx, functionIds: readonly string[]): Promise<Candidate[]> {
  const rows = await tx
    .select({ one: functions, environment: environments, repository: repositories, alert: alerts })
    .from(functions)
    .innerJoin(environments, eq(environments.id, functions.environmentId))
    .innerJoin(repositories, eq(repositories.id, environments.repositoryId))
    .leftJoin(alerts, and(eq(alerts.functionId, functions.id), isNull(alerts.closedAt)))
    .where(or(inArray(functions.id, [...functionIds]), sql`${alerts.id} is not null`))
  return rows.map(({ one, environment, repository, alert }) => ({
    functionId: one.id,
    environmentId: environment.id,
    repositoryId: repository.id,
    pullNumber: environment.pullNumber,
    activeVersionId: one.activeVersionId,
    activeBuildId: environment.activeBuildId,
    over: one.state === 'deleted' || one.archivedAt !== null || environment.closedAt !== null,
    preview: environment.kind === 'preview',
    settings: repositoryFileOf(repository).notifications.alerts,
    alert,
  }))
}

/** How many of these versions failed within the last so many seconds before `until`, counted by whole minutes. */
export async function failuresWithin(
  tx: Tx,
  one: Pick<Candidate, 'functionId' | 'activeVersionId'>,
  until: Date,
  seconds: number,
): Promise<number> {
  if (one.activeVersionId === null) return 0
  const [row] = await tx.execute<{ failed: number }>(sql`
    select coalesce(sum(failed), 0)::int as failed from alert_counts
    where function_id = ${one.functionId} and version_id = ${one.activeVersionId}
      and minute > ${until.toISOString()}::timestamptz - make_interval(secs => ${seconds})
  `)
  return row?.failed ?? 0
}

/** The incident of this environment that began within the last two minutes and is not over. */
export async function currentIncident(tx: Tx, environmentId: string): Promise<string | null> {
  const [row] = await tx
    .select({ id: alerts.incidentId })
    .from(alerts)
    .where(
      and(
        eq(alerts.environmentId, environmentId),
        isNull(alerts.closedAt),
        sql`${alerts.openedAt} > now() - interval '2 minutes'`,
      ),
    )
    .orderBy(desc(alerts.openedAt))
    .limit(1)
  return row?.id ?? null
}

type NewAlert = Pick<
  Alert,
  'incidentId' | 'environmentId' | 'functionId' | 'versionId' | 'failed' | 'lastFailedAt' | 'errors'
>

export async function openAlert(tx: Tx, alert: NewAlert): Promise<void> {
  await tx.insert(alerts).values(alert)
}

export interface Going {
  failed: number
  lastFailedAt: Date
  lastSucceededAt: Date | null
  errors: AlertError[]
}

export async function noteAlert(tx: Tx, id: string, going: Going): Promise<void> {
  await tx.update(alerts).set(going).where(eq(alerts.id, id))
}

export async function closeAlert(
  tx: Tx,
  id: string,
  closedBecause: NonNullable<Alert['closedBecause']>,
): Promise<void> {
  await tx.update(alerts).set({ closedAt: sql`now()`, closedBecause }).where(eq(alerts.id, id))
}

export function alertsOfIncident(db: Db | Tx, incidentId: string): Promise<(Alert & { name: string })[]> {
  return db
    .select({ alert: alerts, name: functions.name })
    .from(alerts)
    .innerJoin(functions, eq(functions.id, alerts.functionId))
    .where(eq(alerts.incidentId, incidentId))
    .orderBy(alerts.openedAt, functions.name)
    .then(rows => rows.map(({ alert, name }) => ({ ...alert, name })))
}
