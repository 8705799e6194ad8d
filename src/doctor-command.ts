// `sluice doctor [--json]`: looks at everything that has to be right, changes nothing, and says what to do. Its exit code is 1 when
// something is wrong.
import { parseArgs } from 'node:util'
import { type Config, readConfig } from './config.ts'
import { connect } from './db/client.ts'
import { startCluster } from './db/embedded/cluster.ts'
import { bad, type Finding, renderFindings } from './doctor/finding.ts'
import { lookAtGithub } from './doctor/look-at-github.ts'
import { lookAtDatabase, lookAtIsolation, lookAtSlack, lookAtStorage } from './doctor/look-at-machine.ts'
import { messageOf } from './errors.ts'
import { loadApp } from './github/setup/app-settings.ts'
import { createLog } from './log.ts'
import { masterKeyOf } from './master-key.ts'

export async function doctor(environment: NodeJS.ProcessEnv, args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean' } } })
  const findings = await examine(readConfig(environment))
  process.stdout.write(values.json ? `${JSON.stringify(findings, null, 2)}\n` : renderFindings(findings))
  return findings.every(({ ok }) => ok) ? 0 : 1
}

export async function examine(config: Config): Promise<Finding[]> {
  const cluster = config.databaseUrl ? null : await startCluster(config.dataDir)
  try {
    const url = config.databaseUrl ?? cluster?.url() ?? ''
    const database = await lookAtDatabase(url)
    const log = createLog('silent')
    const isUsable = database.every(({ ok }) => ok)
    const app = config.github.app ?? (isUsable ? await storedApp(config, url) : null)
    return [
      ...database,
      ...(app instanceof Error
        ? [bad('master key', messageOf(app), 'SLUICE_MASTER_KEY must be the one the App was stored with.')]
        : await lookAtGithub({ ...config, github: { ...config.github, app } }, log)),
      await lookAtSlack(config),
      await lookAtStorage(config),
      await lookAtIsolation(config),
    ]
  } finally {
    await cluster?.stop()
  }
}

/** The one the set-up page made. */
async function storedApp(config: Config, url: string) {
  const { db, close } = connect(url, { max: 1, name: 'sluice doctor' })
  try {
    return await loadApp(db, masterKeyOf(config, createLog('silent')))
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error))
  } finally {
    await close()
  }
}
