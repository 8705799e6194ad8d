// The key behind everything we derive or encrypt: SLUICE_MASTER_KEY, or one made once and kept beside the data, readable by
// us alone. Never in the database, so that a dump of it opens nothing. While it is being changed there are several, in one text, a
// line each: the first seals and derives, any opens and proves.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

export function masterKeyOf(config: Config, log: Log): string {
  const { masterKey, masterKeyAlso } = config
  if (masterKey) return masterKeyAlso ? `${masterKey}\n${masterKeyAlso}` : masterKey
  if (config.databaseUrl) {
    log.warn(
      'SLUICE_MASTER_KEY is not set: a key of this machine is used, other machines on this database will not share it',
    )
  }
  mkdirSync(config.dataDir, { recursive: true })
  const file = masterKeyFile(config)
  try {
    writeFileSync(file, newKey(), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}

export function keysIn(masterKey: string): [string, ...string[]] {
  const [first = '', ...others] = masterKey.split('\n')
  return [first, ...others]
}

export const masterKeyFile = ({ dataDir }: Pick<Config, 'dataDir'>) => path.join(dataDir, 'master.key')

const newKey = () => randomBytes(32).toString('hex')

/** Puts a new key before those of the file; what runs uses it from its next start on. */
export function addMasterKey(config: Config, log: Log): void {
  const before = masterKeyOf(config, log)
  const file = masterKeyFile(config)
  // Renamed, so that a program that starts meanwhile reads the one or the other.
  writeFileSync(`${file}.new`, `${newKey()}\n${before}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
