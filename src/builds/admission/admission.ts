// Whether the head of a branch asks for a build, and what it does to those under way. Pure. Decided on the head as the
// repository has it now, so deliveries may come twice, late or in any order.
import { type BuildState, isFinished } from '../states.ts'

export interface Known {
  id: string
  sha: string
  number: number
  state: BuildState
  /** It came from another environment: of this one's branch it says nothing. */
  promoted?: boolean
  /** It is of one function that somebody uploaded: it neither says anything of the branch nor stands in its way. */
  uploaded?: boolean
}

export type Admission =
  | { kind: 'build'; number: number; supersede: string[] }
  /** Nothing would come out but what the build `sameAs` made. */
  | { kind: 'unchanged'; number: number; sameAs: string; supersede: string[] }
  | { kind: 'known'; buildId: string; supersede: string[] }

interface Asked {
  sha: string
  /**
   * Somebody asked to build this commit once more, which is done only while it is the newest: a commit that others followed
   * would otherwise go live over them.
   */
  again: boolean
  /** The build that stands in the environment and was made of the same as this commit; null: none, or it is not known. */
  sameAs: string | null
}

/** `builds`: those of the environment, newest first. */
export function admitBuild(builds: readonly Known[], { sha, again, sameAs }: Asked): Admission {
  const newest = builds.find(build => !build.promoted && !build.uploaded)
  if (again && newest && newest.sha !== sha) return { kind: 'known', buildId: newest.id, supersede: [] }
  const underWay = builds.filter(build => !build.uploaded && !isFinished(build.state))
  if (newest && newest.sha === sha && (!again || !isFinished(newest.state))) {
    return { kind: 'known', buildId: newest.id, supersede: idsOf(underWay.filter(build => build !== newest)) }
  }
  const next = { number: (builds[0]?.number ?? 0) + 1, supersede: idsOf(underWay) }
  return sameAs !== null && !again ? { kind: 'unchanged', sameAs, ...next } : { kind: 'build', ...next }
}

/** Whether the last build that ended, well or not, failed: what stands is right again without a new one. */
export function endsFailure(builds: readonly Known[]): boolean {
  return builds.find(({ state, uploaded }) => !uploaded && ended.has(state))?.state === 'failed'
}

const ended: ReadonlySet<BuildState> = new Set(['succeeded', 'failed', 'unchanged'])

interface Succeeded {
  id: string
  contentDigest: string | null
}

/**
 * The newest build that succeeded, where this commit would only make it once more. It has to stand: it is live, or a pin
 * holds it back. One that never went live (its environment was closed meanwhile) leaves something to do.
 */
export function standingBuild(
  newest: Succeeded | null,
  now: { digest: string | null; activeBuildId: string | null; pinned: boolean },
): string | null {
  if (newest === null || newest.contentDigest === null || newest.contentDigest !== now.digest) return null
  return now.pinned || now.activeBuildId === newest.id ? newest.id : null
}

function idsOf(builds: readonly Known[]): string[] {
  return builds.map(build => build.id)
}
