// `sluice token create --environment owner/repo#name`: prints an environment token, the DEFER_TOKEN, once.
import { parseArgs } from 'node:util'
import { createToken } from './api/tokens.ts'
import { connect } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { findNamedEnvironment } from './environments/named.ts'
import { AppError } from './errors.ts'

const usage = 'Usage: sluice token create --environment owner/repo#name'

export async function tokenCreate(url: string, args: string[]): Promise<number> {
  const [verb, ...rest] = args
  if (verb !== 'create') throw new AppError('malformed', usage)
  const { values } = parseArgs({ args: rest, options: { environment: { type: 'string' } } })
  await migrate(url)
  const { db, close } = connect(url, { max: 1, name: 'sluice token' })
  try {
    const environment = await findNamedEnvironment(db, values.environment ?? '', usage)
    process.stdout.write(`${await createToken(db, environment.id)}\n`)
    return 0
  } finally {
    await close()
  }
}
