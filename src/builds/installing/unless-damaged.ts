// What a build made with damaged dependencies, or failed for, says nothing of its code: it is begun again, with new ones.
import { AppError } from '../../errors.ts'
import { isFailed } from '../chain.ts'
import type { Failed } from '../failure.ts'
import type { Install } from './install-cache.ts'
import { afterFailureMs, findDamage } from './install-damage.ts'

/** Found in the cache. */
export interface Found extends Install {
  /** Looked for while the build goes on; null: there is none. */
  damage: Promise<string | null>
}

export function watchDamage(install: Install, signal: AbortSignal): Found {
  const damage = findDamage(install, signal)
  damage.catch(() => {}) // the build hears of it at its end, or was ended before
  return { ...install, damage }
}

/** Resolves to how the build ended. @throws AppError `unavailable`. */
export async function unlessDamaged<Built extends object>(
  built: Promise<Built | Failed>,
  found: Found | null,
  signal: AbortSignal,
): Promise<Built | Failed> {
  if (found === null) return built
  const [ended] = await Promise.allSettled([built])
  signal.throwIfAborted()
  const refused = ended.status === 'fulfilled' && isFailed(ended.value)
  const damage = (await found.damage) ?? (refused ? await findDamage(found, signal, afterFailureMs) : null)
  if (damage === null) return built
  throw new AppError(
    'unavailable',
    `The cached dependencies are damaged: ${damage}. They were removed and are installed anew.`,
  )
}
