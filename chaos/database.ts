// The run's own PostgreSQL: started, stopped at once as a machine that loses its power would, and started again.
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, startCluster } from '../src/db/embedded/cluster.ts'
import { findPlace } from '../src/db/embedded/place.ts'
import { readPostmaster } from '../src/db/embedded/postmaster.ts'

export interface Postgres {
  url: string
  /** The file of its socket. */
  socket: string
  /** From when to when it was away. */
  away: { fromMs: number; toMs: number }[]
  stopImmediately(downMs: number): Promise<void>
  close(): Promise<void>
}

export async function startPostgres(folder: string): Promise<Postgres> {
  let cluster: Cluster = await startCluster(folder)
  const place = findPlace(folder)
  const away: Postgres['away'] = []
  return {
    url: cluster.url(),
    socket: path.join(place.socket, '.s.PGSQL.5432'),
    away,
    async stopImmediately(downMs) {
      const postmaster = readPostmaster(place.data)
      if (!postmaster) return
      const fromMs = Date.now()
      process.kill(postmaster.pid, 'SIGQUIT')
      while (readPostmaster(place.data)?.pid === postmaster.pid) await sleep(10)
      await sleep(downMs)
      cluster = await startCluster(folder)
      away.push({ fromMs, toMs: Date.now() })
    },
    close: () => cluster.stop(),
  }
}
