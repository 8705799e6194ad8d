// Where arguments and results lie that are too large for a row: in the artifact store, compressed, so that the hot table stays
// small. Written before the row that names them; what no row names any more is swept away.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { ArtifactStore } from '../builds/ports.ts'
import type { Db } from '../db/client.ts'
import type { Core } from '../events/outbox.ts'
import { isTooLargeForRow, referenceIn, referenceTo } from './payload.ts'
import { forgotten, inUseAmong, lockIdle, used, usedAgain } from './payloads-store.ts'

const compress = promisify(gzip)
const decompress = promisify(gunzip)

export interface Payloads {
  /** What to store in the row: the text itself, or where it lies now. @throws what the artifact store throws. */
  keep(json: string): Promise<string>
  /** The text of what is stored in a row. @throws what the artifact store throws, when it is not to be had. */
  read(stored: string): Promise<string>
  /** For a row that is about to name again what another names. False: that is gone. */
  stillHas(stored: string): Promise<boolean>
}

/** What the verbs of executions/ work on: what all verbs do, and the place for what is large. */
export interface ExecutionCore extends Core {
  payloads: Payloads
}

// No bundle begins so: the sweep must never delete one, whatever somebody passes as arguments.
const mark = Buffer.from('sluice payload\n')

export function createPayloads(db: Db, artifacts: ArtifactStore): Payloads {
  return {
    async keep(json) {
      if (!isTooLargeForRow(json)) return json
      const content = Buffer.concat([mark, await compress(json, { level: 1 })])
      await used(db, createHash('sha256').update(content).digest('hex'))
      return referenceTo(await artifacts.put(content))
    },
    async read(stored) {
      const digest = referenceIn(stored)
      if (digest === null) return stored
      const content = await artifacts.get(digest)
      if (!content.subarray(0, mark.length).equals(mark)) throw new Error(`artifact ${digest} is no payload`)
      return (await decompress(content.subarray(mark.length))).toString('utf8')
    },
    async stillHas(stored) {
      const digest = referenceIn(stored)
      return digest === null || usedAgain(db, digest)
    },
  }
}

const pageSize = 100
// Long enough for any request that has announced a payload to have stored its row.
const idleSeconds = 3_600

/** Deletes what no execution names any more; resolves to how many. */
export async function sweepPayloads(
  { db }: Pick<Core, 'db'>,
  artifacts: Pick<ArtifactStore, 'delete'>,
  forSeconds = idleSeconds,
): Promise<number> {
  for (let total = 0; ; ) {
    const page = await sweepPage(db, artifacts, forSeconds)
    total += page.deleted
    if (page.seen < pageSize) return total
  }
}

function sweepPage(db: Db, artifacts: Pick<ArtifactStore, 'delete'>, forSeconds: number) {
  return db.transaction(async tx => {
    const digests = await lockIdle(tx, forSeconds, pageSize)
    if (digests.length === 0) return { seen: 0, deleted: 0 }
    const named = await inUseAmong(tx, digests.map(referenceTo))
    const idle = digests.filter(digest => !named.has(referenceTo(digest)))
    for (const digest of idle) await artifacts.delete(digest)
    await forgotten(tx, idle)
    for (const digest of digests) if (!idle.includes(digest)) await used(tx, digest)
    return { seen: digests.length, deleted: idle.length }
  })
}
