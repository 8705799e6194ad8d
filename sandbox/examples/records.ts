// Sluice's own records of the examples: its database, shared with the process that runs, and tokens of its environments.
import path from 'node:path'
import { createToken } from '../../src/api/tokens.ts'
import { connect } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { type Outcome, readOutcomes } from './outcome.ts'

export interface Records {
  outcomes(sha: string): Promise<Outcome[]>
  token(environmentId: string): Promise<string>
  close(): Promise<void>
}

export async function openRecords(dataDir: string): Promise<Records> {
  const cluster = await startCluster(path.resolve(dataDir))
  const { db, close } = connect(cluster.url(), { max: 2, name: 'sluice examples' })
  return {
    outcomes: sha => readOutcomes(db, sha),
    token: environmentId => createToken(db, environmentId),
    close,
  }
}
