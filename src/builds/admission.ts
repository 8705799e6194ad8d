// Whether the head of a branch asks for a build, and what it does to those under way. Pure. Decided on the head as the
// repository has it now, so deliveries may come twice, late or in any order.

export interface Known {
  id: string
  sha: string
  number: number
  finished: boolean
}

export type Admission =
  | { kind: 'build'; number: number; supersede: string[] }
  | { kind: 'known'; buildId: string; supersede: string[] }

/**
 * `builds`: those of the environment, newest first. `again`: somebody asked to build this commit once more, which is done
 * only while it is the newest: a commit that others followed would otherwise go live over them.
 */
export function admitBuild(builds: readonly Known[], sha: string, again: boolean): Admission {
  const newest = builds[0]
  if (again && newest && newest.sha !== sha) return { kind: 'known', buildId: newest.id, supersede: [] }
  const underWay = builds.filter(build => !build.finished)
  if (newest && newest.sha === sha && (!again || !newest.finished)) {
    return { kind: 'known', buildId: newest.id, supersede: idsOf(underWay.filter(build => build !== newest)) }
  }
  return { kind: 'build', number: (newest?.number ?? 0) + 1, supersede: idsOf(underWay) }
}

function idsOf(builds: readonly Known[]): string[] {
  return builds.map(build => build.id)
}
