// The key behind everything we derive or encrypt: SLUICE_MASTER_KEY, or one made once and kept beside the data, readable by
// us alone. Never in the database, so that a dump of it opens nothing.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

export function masterKeyOf(config: Config, log: Log): string {
  if (config.masterKey) return config.masterKey
  if (config.databaseUrl) {
    log.warn(
      'SLUICE_MASTER_KEY is not set: a key of this machine is used, other machines on this database will not share it',
    )
  }
  mkdirSync(config.dataDir, { recursive: true })
  const file = path.join(config.dataDir, 'master.key')
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8')
}
