// How long previews stay: closed a while after the last push, and where there are too many, those without a push for longest,
// an hour after it was announced on them. Pure. A push, or opening the request again, wakes one that was closed.

export interface Preview {
  id: string
  /** Its last push, or when it was opened again since. */
  pushedAt: Date
  evictAt: Date | null
}

interface Rules {
  ttlSeconds: number
  limit: number
}

export type Step =
  | { id: string; step: 'close'; because: 'expired' | 'evicted'; pushedAt: Date }
  | { id: string; step: 'announce'; evictAt: Date }
  | { id: string; step: 'keep' }

export const noticeMs = 3_600_000

/** `previews`: the open ones of one repository. What needs nothing done is left out. */
export function planPreviews(previews: readonly Preview[], { ttlSeconds, limit }: Rules, now: Date): Step[] {
  const earliest = now.getTime() - ttlSeconds * 1_000
  const inOrder = previews.toSorted((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime())
  const fresh = inOrder.filter(({ pushedAt }) => pushedAt.getTime() > earliest)
  const expired = inOrder.slice(fresh.length)
  return [
    ...expired.map(({ id, pushedAt }) => ({ id, step: 'close', because: 'expired', pushedAt }) as const),
    ...fresh.slice(0, limit).flatMap(({ id, evictAt }) => (evictAt ? [{ id, step: 'keep' } as const] : [])),
    ...fresh.slice(limit).flatMap(preview => evict(preview, now)),
  ]
}

function evict({ id, evictAt, pushedAt }: Preview, now: Date): Step[] {
  if (!evictAt) return [{ id, step: 'announce', evictAt: new Date(now.getTime() + noticeMs) }]
  return evictAt <= now ? [{ id, step: 'close', because: 'evicted', pushedAt }] : []
}
