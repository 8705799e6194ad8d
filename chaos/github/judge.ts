// Whether what stands on GitHub is exactly what must: nothing missing, nothing twice, nothing wrong. Pure.
import type { Facts } from './facts.ts'

export interface Violation {
  what: string
  where: string
}

export function judge(facts: Facts): Violation[] {
  return [
    ...liveBuilds(facts),
    ...everyCheckEnded(facts),
    ...oneCheckEach(facts),
    ...headsAreGreen(facts),
    ...oneDeploymentEach(facts),
    ...oneIsDeployed(facts),
    ...oneCommentEach(facts),
  ]
}

const headOf = (facts: Facts, environment: string) =>
  facts.heads.get(facts.environments.get(environment) ?? '') ?? ''

function liveBuilds(facts: Facts): Violation[] {
  return [...facts.environments.keys()].flatMap(environment => {
    const live = facts.builds.filter(build => build.environment === environment && build.live)
    const right = live.length === 1 && live[0]?.sha === headOf(facts, environment)
    return right ? [] : [{ what: 'the head is not what is live', where: environment }]
  })
}

function everyCheckEnded({ checks }: Facts): Violation[] {
  return [...checks].flatMap(([sha, runs]) =>
    runs
      .filter(run => run.status !== 'completed')
      .map(run => ({ what: `a check never ended (${run.status})`, where: `${run.name} on ${sha}` })),
  )
}

/** Each build has one check, of its own number; nothing else is called like an environment's. */
function oneCheckEach({ checks, builds }: Facts): Violation[] {
  const ofBuilds = new Map(builds.map(build => [build.id, build]))
  const runs = [...checks].flatMap(([sha, all]) => all.map(run => ({ ...run, sha })))
  const byBuild = Map.groupBy(runs, run => run.externalId ?? '')
  return builds.flatMap(({ id, environment, sha }) => {
    const own = byBuild.get(id) ?? []
    const where = `${environment} on ${sha}`
    if (own.length === 0) return [{ what: 'a build without a check', where }]
    if (own.length > 1) return [{ what: `${own.length} checks of one build`, where }]
    const [only] = own
    return only?.sha === ofBuilds.get(id)?.sha ? [] : [{ what: 'a check on another commit', where }]
  })
}

function headsAreGreen(facts: Facts): Violation[] {
  return [...facts.environments.keys()].flatMap(environment => {
    const sha = headOf(facts, environment)
    const named = (facts.checks.get(sha) ?? []).filter(run => run.name === `Sluice / ${environment}`)
    const newest = named.toSorted((a, b) => b.id - a.id)[0]
    return newest?.conclusion === 'success'
      ? []
      : [
          {
            what: `the head's check says ${newest?.conclusion ?? 'nothing'}`,
            where: `${environment} on ${sha}`,
          },
        ]
  })
}

function oneDeploymentEach({ deployments }: Facts): Violation[] {
  return [...Map.groupBy(deployments, one => one.build ?? '')]
    .filter(([, all]) => all.length > 1)
    .map(([build, all]) => ({ what: `${all.length} deployments of one build`, where: build }))
}

/** Of each environment the head's deployment alone is active; none is left in the middle. */
function oneIsDeployed(facts: Facts): Violation[] {
  return [...facts.environments.keys()].flatMap(environment => {
    const own = facts.deployments.filter(one => one.environment === environment)
    const active = own.filter(one => one.state === 'success')
    const unfinished = own.filter(one => one.state === 'queued' || one.state === 'in_progress')
    const right = active.length === 1 && active[0]?.sha === headOf(facts, environment)
    return [
      ...(right
        ? []
        : [{ what: `${active.length} active deployments, or of another commit`, where: environment }]),
      ...unfinished.map(one => ({
        what: `a deployment was left ${one.state}`,
        where: `${environment} ${one.id}`,
      })),
    ]
  })
}

function oneCommentEach({ pulls, comments, heads }: Facts): Violation[] {
  return pulls.flatMap(({ number, branch }) => {
    const own = comments.get(number) ?? []
    const where = `pull request ${number}`
    if (own.length !== 1) return [{ what: `${own.length} comments`, where }]
    const head = (heads.get(branch) ?? '').slice(0, 7)
    return own[0]?.includes(head) ? [] : [{ what: 'the comment does not name the head', where }]
  })
}
