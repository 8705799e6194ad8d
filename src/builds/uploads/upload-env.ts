// The variables that come with an upload: sealed for its build, given to the versions made of it and to nobody else.
import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import { refuseName, refuseTotal, refuseValue } from '../../environments/variable-rules.ts'
import { AppError } from '../../errors.ts'
import { seal, unseal } from '../../sealed.ts'
import { envBelongsTo, sealedEnvOf } from './uploads-store.ts'

const Env = z.record(z.string(), z.string())
export type UploadEnv = z.infer<typeof Env>

/** @throws AppError `invalid`, which repeats no value. */
export function readUploadEnv(text: string | undefined): UploadEnv {
  if (text === undefined || text.trim() === '') return {}
  const parsed = Env.safeParse(parseOrNull(text))
  if (!parsed.success)
    throw new AppError('invalid', 'env must be a JSON object of texts, such as {"KEY":"value"}.')
  const entries = Object.entries(parsed.data)
  const refusal =
    entries.map(([name, value]) => refuseName(name) ?? refuseValue(name, value)).find(one => one !== null) ??
    refuseTotal(parsed.data)
  if (refusal) throw new AppError('invalid', `${refusal}.`)
  return parsed.data
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Null: there are none. */
export function sealEnv(masterKey: string, buildId: string, env: UploadEnv): string | null {
  return Object.keys(env).length === 0 ? null : seal(masterKey, envBelongsTo(buildId), JSON.stringify(env))
}

/** @throws AppError `misconfigured`: it was sealed under another master key. */
export function openEnv(masterKey: string, buildId: string, sealed: string | null): UploadEnv {
  if (sealed === null) return {}
  try {
    return Env.parse(JSON.parse(unseal(masterKey, envBelongsTo(buildId), sealed)))
  } catch (cause) {
    throw new AppError(
      'misconfigured',
      'The variables that came with an upload cannot be opened: they were set under another SLUICE_MASTER_KEY. Start with that key, or deploy it again.',
      undefined,
      { cause },
    )
  }
}

const mostKept = 10_000

/** What a version finds in its environment besides the environment's own variables. A version's never change: asked once. */
export function createUploadEnvReader(db: Db, masterKey: string): (versionId: string) => Promise<UploadEnv> {
  const kept = new Map<string, Promise<UploadEnv>>()
  async function read(versionId: string): Promise<UploadEnv> {
    const found = await sealedEnvOf(db, versionId)
    return found === null ? {} : openEnv(masterKey, found.buildId, found.sealedEnv)
  }
  return versionId => {
    const known = kept.get(versionId)
    if (known) return known
    if (kept.size >= mostKept) kept.clear()
    const env = read(versionId)
    kept.set(versionId, env)
    env.catch(() => kept.delete(versionId)) // the world's failure, which may be over at the next try
    return env
  }
}
