// `sluice previews close --confirm <count>`: lets the next round close that many previews whose pull requests GitHub calls
// closed, after it stopped because they seemed too many (github/missed/close-gone.ts).
import { parseArgs } from 'node:util'
import { connect } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { AppError } from './errors.ts'
import { allowClosing } from './github/missed/close-gone.ts'
import { reconcileSoon } from './github/missed/reconcile.ts'

const usage = 'Usage: sluice previews close --confirm <count>, with the count of the alert'

export async function previewsCommand(url: string, args: string[]): Promise<number> {
  const [verb, ...rest] = args
  if (verb !== 'close') throw new AppError('malformed', usage)
  const { values } = parseArgs({ args: rest, options: { confirm: { type: 'string' } } })
  if (!/^[1-9]\d{0,5}$/.test(values.confirm ?? '')) throw new AppError('malformed', usage)
  await migrate(url)
  const { db, close } = connect(url, { max: 1, name: 'sluice previews' })
  try {
    await allowClosing(db, Number(values.confirm))
    await reconcileSoon(db)
    process.stdout.write(
      `The next round may close up to ${values.confirm} previews; it begins within seconds.\n`,
    )
    return 0
  } finally {
    await close()
  }
}
