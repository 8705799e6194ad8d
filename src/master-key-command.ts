// `sluice master-key status|create|rotate`, on the server's machine: another master key, while the program runs.
import { parseArgs } from 'node:util'
import { sealedSigningKeys } from './api/signing/secret.ts'
import { sealedUploads } from './builds/uploads/uploads-store.ts'
import type { Config } from './config.ts'
import { connect, type Db } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { sealedVariables } from './environments/variables-store.ts'
import { AppError } from './errors.ts'
import { sealedApp } from './github/setup/app-settings.ts'
import { createLog } from './log.ts'
import { addMasterKey, keysIn, masterKeyFile, masterKeyOf } from './master-key.ts'
import { type Resealed, reseal } from './resealing.ts'

export const masterKeyHelp = `Another master key for what is sealed in the database, while the program runs. Works on the database of this machine.

  sluice master-key status   how much is sealed with the key, with the older one, and with none that is known
  sluice master-key create   puts a new key into the key file, before the older ones (without SLUICE_MASTER_KEY)
  sluice master-key rotate   seals everything anew with the newest key; run it again at any time

With SLUICE_MASTER_KEY: start every process with the new key there and the old one in SLUICE_MASTER_KEY_ALSO, then rotate,
then take SLUICE_MASTER_KEY_ALSO away. Of several machines give each the new key in SLUICE_MASTER_KEY_ALSO first, so that
all can read what the first one seals. Without it: create, start anew, rotate, then take the second line out of the file.
`

const places = [sealedVariables, sealedUploads, sealedApp, sealedSigningKeys]

export async function masterKeyCommand(url: string, config: Config, args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, options: {}, allowPositionals: true })
  const [verb = '', ...more] = positionals
  if (more.length > 0 || !['status', 'create', 'rotate'].includes(verb))
    throw new AppError('malformed', masterKeyHelp)
  if (verb === 'create') return create(config)
  await migrate(url)
  const { db, close } = connect(url, { max: 2, name: 'sluice master-key' })
  try {
    const masterKey = masterKeyOf(config, createLog('warn'))
    const found = await everywhere(db, masterKey, verb === 'status')
    process.stdout.write(report(found, verb === 'status', keysIn(masterKey).length))
    return found.some(({ lost }) => lost.length > 0) ? 1 : 0
  } finally {
    await close()
  }
}

function create(config: Config): number {
  if (config.masterKey)
    throw new AppError(
      'conflict',
      'SLUICE_MASTER_KEY is set, so the key is yours to make: openssl rand -hex 32. "sluice master-key --help" says what then.',
    )
  addMasterKey(config, createLog('warn'))
  process.stdout.write(
    `${masterKeyFile(config)} holds a new key. Start Sluice anew, then: sluice master-key rotate\n`,
  )
  return 0
}

async function everywhere(db: Db, masterKey: string, onlyLook: boolean): Promise<Resealed[]> {
  const found: Resealed[] = []
  for (const place of places) found.push(await reseal(db, masterKey, place, onlyLook))
  return found
}

function report(found: readonly Resealed[], onlyLook: boolean, keys: number): string {
  const lines = found.map(({ what, current, older, lost }) => {
    const told = onlyLook ? `${older} with an older one` : `${older} sealed anew`
    return `${what}: ${current} with the key, ${told}, ${lost.length} with none that is known\n${lost
      .map(one => `  lost: ${one}\n`)
      .join('')}`
  })
  const isDone = found.every(({ older, lost }) => lost.length === 0 && (older === 0 || !onlyLook))
  return `${lines.join('')}${isDone && keys > 1 ? 'Nothing needs the older key any more.\n' : ''}`
}
