// One real PostgreSQL for a whole test run, and a database for each file: cloned from a migrated template in some 50 ms.
// Kept in a temporary folder; a database whose tests failed can be looked at with KEEP_DATABASES=1.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import type { TestProject } from 'vitest/node'
import { connect, type Database } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { findPlace } from '../../src/db/embedded/place.ts'
import { migrate } from '../../src/db/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string
  }
}

const template = 'template_sluice'

export default async function setup(project: TestProject) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-test-'))
  const cluster = await startCluster(folder)
  await onServer(cluster.url('postgres'), db => db.execute(sql.raw(`create database ${template}`)))
  await migrate(cluster.url(template))
  project.provide('postgresUrl', cluster.url('postgres'))
  return async () => {
    await cluster.stop()
    if (process.env.KEEP_DATABASES) return
    const { data } = findPlace(folder)
    for (const one of [data, `${data}.log`, folder]) rmSync(one, { recursive: true, force: true })
  }
}

async function onServer<T>(url: string, work: (db: Database['db']) => Promise<T>): Promise<T> {
  const { db, close } = connect(url, { max: 1, name: 'test set-up' })
  try {
    return await work(db)
  } finally {
    await close()
  }
}

/** The address of a fresh, migrated database. `serverUrl` is what vitest's inject('postgresUrl') gives. */
export async function freshDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  // Only one clone of a template at a time; an advisory lock lines up the test files.
  await onServer(serverUrl, async db => {
    await db.execute(sql`select pg_advisory_lock(1)`)
    await db.execute(sql.raw(`create database ${name} template ${template}`))
  })
  return serverUrl.replace('/postgres?', `/${name}?`)
}
