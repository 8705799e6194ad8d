// What is shown of an incident: the functions of one environment that began to fail together, and which work again.
import { eq } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import type { AlertError } from '../db/schema/alerts.ts'
import { builds, environments, repositories, versions } from '../db/schema.ts'
import type { RepositoryFile } from '../environments/repository-file.ts'
import { repositoryFileOf } from '../environments/store.ts'
import { type Alert, alertsOfIncident } from './alerts-store.ts'

export interface FailingFunction {
  id: string
  name: string
  /** Of the version that began to fail; null: it is gone. */
  version: { number: number; build: number; sha: string; author: string } | null
  failed: number
  errors: readonly AlertError[]
  openedAt: Date
  closedAt: Date | null
  closedBecause: Alert['closedBecause']
}

export interface IncidentView {
  id: string
  repository: { id: number; owner: string; name: string; installationId: number; file: RepositoryFile }
  environment: { id: string; name: string; production: boolean; activeBuildId: string | null }
  functions: FailingFunction[]
}

export async function loadIncident(db: Db, id: string): Promise<IncidentView | null> {
  const alerts = await alertsOfIncident(db, id)
  const [first] = alerts
  if (!first) return null
  const [place] = await db
    .select({ environment: environments, repository: repositories })
    .from(environments)
    .innerJoin(repositories, eq(repositories.id, environments.repositoryId))
    .where(eq(environments.id, first.environmentId))
  if (!place) return null
  const { environment, repository } = place
  return {
    id,
    repository: {
      id: repository.id,
      owner: repository.owner,
      name: repository.name,
      installationId: repository.installationId,
      file: repositoryFileOf(repository),
    },
    environment: {
      id: environment.id,
      name: environment.name,
      production: environment.production,
      activeBuildId: environment.activeBuildId,
    },
    functions: await Promise.all(
      alerts.map(
        async ({ functionId, name, versionId, failed, errors, openedAt, closedAt, closedBecause }) => ({
          ...{ id: functionId, name, failed, errors, openedAt, closedAt, closedBecause },
          version: await versionOf(db, versionId),
        }),
      ),
    ),
  }
}

async function versionOf(db: Db, id: string): Promise<FailingFunction['version']> {
  const [row] = await db
    .select({ number: versions.number, build: builds.number, sha: builds.sha, author: builds.author })
    .from(versions)
    .innerJoin(builds, eq(builds.id, versions.buildId))
    .where(eq(versions.id, id))
  return row ? { ...row, author: row.author ?? '' } : null
}
