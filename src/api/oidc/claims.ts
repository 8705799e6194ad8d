// What we read of a token of GitHub Actions. `sub` and `repository` are texts that can be chosen or come back to somebody else
// (GitHub changed the form of `sub` in 2026): nothing is decided by them, only by the ids. Pure.
import { z } from 'zod'

const id = z.string().regex(/^[1-9]\d{0,15}$/)
const text = z.string().min(1).max(500)

export const Claims = z.object({
  jti: text,
  /** One, and ours: jose would also take it out of a list. */
  aud: text,
  exp: z.number().int(),
  repository: text,
  repository_id: id,
  repository_owner_id: id,
  event_name: text,
  ref: text,
  ref_type: text,
  actor: text,
  run_id: text,
})
export type Claims = z.infer<typeof Claims>

/** GitHub's own, one with data residency (octo.ghe.com), or an Enterprise Server. */
export function issuerOf(githubUrl: string): string {
  const { protocol, host } = new URL(githubUrl)
  if (host === 'github.com') return 'https://token.actions.githubusercontent.com'
  if (host.endsWith('.ghe.com')) return `${protocol}//token.actions.${host}`
  return `${githubUrl}/_services/token`
}
