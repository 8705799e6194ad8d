// What a run came to, in words. Pure.
import type { Facts } from './facts.ts'
import type { Violation } from './judge.ts'

const mostRoutes = 12
const mostViolations = 20
/** What a push may cost in calls, of a branch with an environment and now and then a preview (src/github/README.md). */
export const budget = 25

export function report(facts: Facts, violations: readonly Violation[]): string {
  const { pushes, kills, calls, builds, checks, deployments, comments } = facts
  const perPush = calls.all / Math.max(1, pushes)
  const amount = (of: Iterable<readonly unknown[]>) => [...of].reduce((sum, one) => sum + one.length, 0)
  const built = builds.filter(build => build.state === 'succeeded').length
  return [
    `${pushes} pushes, ${builds.length} builds (${built} built, the others superseded before they were), ${kills} kills: ${violations.length} things are not as they must be`,
    `  on GitHub: ${amount(checks.values())} checks, ${deployments.length} deployments, ${amount(comments.values())} comments`,
    `  ${calls.all} calls to GitHub, ${calls.spoiled} of them answered badly: ${perPush.toFixed(1)} a push (budget ${budget})`,
    ...[...calls.byRoute]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, mostRoutes)
      .map(([route, times]) => `    ${String(times).padStart(6)}  ${route}`),
    ...violations.slice(0, mostViolations).map(({ what, where }) => `✘ ${what}: ${where}`),
    ...(violations.length > mostViolations ? [`… and ${violations.length - mostViolations} more`] : []),
  ].join('\n')
}
