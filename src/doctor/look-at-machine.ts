// What this machine has: a database that answers and is of this version, a place for artifacts, walls for strangers' code, Slack.
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { searchPathOf } from '../builds/processes/machine.ts'
import type { Config } from '../config.ts'
import { connect } from '../db/client.ts'
import { missingMigrations } from '../db/migrate.ts'
import { pingDatabase } from '../db/ping.ts'
import { messageOf } from '../errors.ts'
import { levelOf } from '../isolation/isolation.ts'
import { probeIsolation } from '../isolation/probe.ts'
import { bad, type Finding, good } from './finding.ts'

export async function lookAtDatabase(url: string): Promise<Finding[]> {
  const { db, close } = connect(url, { max: 1, name: 'sluice doctor' })
  try {
    await pingDatabase(db)
    const missing = await missingMigrations(db)
    return [
      good('database', 'answers'),
      missing === 0
        ? good('migrations', 'all applied')
        : bad(
            'migrations',
            `${missing} are not applied`,
            'Run "sluice migrate", or start Sluice, which does it.',
          ),
    ]
  } catch (error) {
    return [bad('database', messageOf(error), 'Check DATABASE_URL, and whether PostgreSQL runs.')]
  } finally {
    await close()
  }
}

export async function lookAtStorage({ storage }: Config): Promise<Finding> {
  const file = path.join(storage, `.doctor-${randomUUID()}`)
  try {
    await mkdir(storage, { recursive: true })
    await writeFile(file, 'sluice doctor')
    await rm(file)
    return good('storage', `${pathToFileURL(storage).pathname} can be written`)
  } catch (error) {
    return bad('storage', messageOf(error), 'SLUICE_STORAGE must be a folder that Sluice may write.')
  }
}

export async function lookAtIsolation({ isolation: wanted }: Config): Promise<Finding> {
  const isolation = await probeIsolation(wanted !== 'off', searchPathOf())
  const level = levelOf(isolation)
  if (level !== 'process' || wanted === 'off')
    return good('isolation', wanted === 'off' ? 'off, as SLUICE_ISOLATION says' : level)
  return bad(
    'isolation',
    `none: ${isolation.lacks.join('; ')}`,
    'Install bubblewrap; docs/isolation.md says how. Until then trust everybody who can push.',
  )
}

export async function lookAtSlack({ slack }: Config): Promise<Finding> {
  if (!slack) return good('Slack', 'not set up')
  try {
    const answer = await fetch(`${slack.apiUrl}auth.test`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.token}` },
      signal: AbortSignal.timeout(10_000),
    })
    const said: unknown = await answer.json()
    const error = typeof said === 'object' && said !== null && 'error' in said ? String(said.error) : null
    return error === null
      ? good('Slack', 'the token is good')
      : bad(
          'Slack',
          `the token is refused: ${error}`,
          'Set SLACK_BOT_TOKEN to the bot token of the Slack app.',
        )
  } catch (error) {
    return bad('Slack', messageOf(error), 'Check SLACK_API_URL, and whether this machine reaches it.')
  }
}
