// Closes previews whose pull request was closed without our hearing of it. Each request is read by itself first: an error, a
// list that lacks it, a "not found" close nothing. When more than 30 % of all would go (and more than five), nothing is closed
// until somebody has said that it is right: "sluice previews close --confirm <count>".
import { closePreview } from '../../builds/admission/close-preview.ts'
import type { Db } from '../../db/client.ts'
import { findRepository } from '../../environments/store.ts'
import { messageOf } from '../../errors.ts'
import { readSetting, writeSetting } from '../store.ts'
import { isTooMany } from './heads.ts'
import { countOpenPreviews } from './heads-store.ts'
import type { ReconcileDeps } from './reconcile.ts'

export interface Gone {
  repositoryId: number
  number: number
}

const allowedKey = 'previews that may be closed at once'
const toldKey = 'previews whose closing was stopped'
const reason = 'the pull request was closed; word of it never came'

/** Lets that many go at once, the next time. */
export function allowClosing(db: Db, count: number): Promise<void> {
  return writeSetting(db, allowedKey, String(count))
}

/** Resolves to those it closed. */
export async function closeGone(deps: ReconcileDeps, candidates: readonly Gone[]): Promise<Gone[]> {
  const { core, log } = deps
  const confirmed: Gone[] = []
  for (const one of candidates) if (await isClosed(deps, one)) confirmed.push(one)
  const open = await countOpenPreviews(core.db)
  const allowed = Number((await readSetting(core.db, allowedKey)) ?? 0)
  if (isTooMany(confirmed.length, open) && confirmed.length > allowed) {
    await stop(deps, confirmed, open)
    return []
  }
  for (const { repositoryId, number } of confirmed) {
    await closePreview(core, repositoryId, number, reason)
    log.info({ repository: repositoryId, pull: number }, `preview pr-${number} closed: ${reason}`)
  }
  if (allowed > 0 && confirmed.length > 0) await writeSetting(core.db, allowedKey, '0')
  if (await readSetting(core.db, toldKey)) await writeSetting(core.db, toldKey, '')
  return confirmed
}

async function isClosed(
  { core, source, log }: ReconcileDeps,
  { repositoryId, number }: Gone,
): Promise<boolean> {
  try {
    const repository = await findRepository(core.db, repositoryId)
    const pull = repository && (await source.pull(repository, number))
    return pull?.open === false
  } catch (error) {
    log.warn({ error, repository: repositoryId, pull: number }, `preview pr-${number}: ${messageOf(error)}`)
    return false
  }
}

/** Told once for the same ones: an alert every five minutes is none. */
async function stop({ core, log }: ReconcileDeps, gone: readonly Gone[], open: number): Promise<void> {
  const said = `${gone.length} of ${open} open previews belong to pull requests that GitHub calls closed. That is too many at once, so none was closed. If it is right: sluice previews close --confirm ${gone.length}`
  const about = JSON.stringify(gone.map(({ repositoryId, number }) => `${repositoryId}#${number}`))
  if ((await readSetting(core.db, toldKey)) === about) return log.warn(said)
  log.error({ previews: about }, said)
  await core.db.transaction(async tx => {
    await writeSetting(tx, toldKey, about)
    const repositories = new Set(gone.map(({ repositoryId }) => repositoryId))
    await core.append(
      tx,
      ...[...repositories].map(repositoryId => ({
        type: 'previews.sweep_stopped' as const,
        ...{ repositoryId, actor: 'sluice', data: { closed: gone.length, open, said } },
      })),
    )
  })
}
