// What a run came to: one line, below it the duplicates by reason, and what was violated with the ids and the way to see it
// again. Pure.
import type { Facts } from './facts.ts'
import type { Verdict } from './invariants.ts'
import type { Schedule, Step } from './schedule.ts'

const mostIds = 10

export function report(verdict: Verdict, facts: Facts, replay: string): string {
  const { lost, stuck, duplicates, finished, givenUp, violations } = verdict
  const unexplained = duplicates.filter(one => !one.explained).length
  const recovery = (verdict.longestRecoveryMs / 1_000).toFixed(1)
  const lines = [
    `accepted ${facts.accepted.length}, finished ${finished}, lost ${lost}, duplicates ${duplicates.length} (${unexplained} unexplained), stuck ${stuck}, longest recovery ${recovery} s`,
    ...[...Map.groupBy(duplicates, one => one.reason)].map(([reason, all]) => `  ${all.length} × ${reason}`),
    `  ${met(facts)}`,
    `  ${facts.unanswered} calls without an answer, made again; ${givenUp} given up after losing their worker three times; new work ${facts.progressMs} ms after the last fault`,
    `  crash points: ${[...facts.reached].map(([point, times]) => (times > 1 ? `${point} ×${times}` : point)).join(', ') || 'none'}`,
    ...violations.flatMap(({ invariant, ids }) => [
      `✘ ${invariant}: ${ids.length}`,
      ...ids.slice(0, mostIds).map(id => `    ${id}`),
      ...(ids.length > mostIds ? [`    and ${ids.length - mostIds} more`] : []),
    ]),
    ...(violations.length > 0 ? [`To see it again: ${replay}`] : []),
  ]
  return lines.join('\n')
}

function met({ lives, postgresAway, spoiled }: Facts): string {
  const killed = lives.filter(one => one.how === 'killed').length
  const crashed = lives.filter(one => one.how === 'crashed').length
  const stood = lives.flatMap(one => one.frozen).length
  return `${killed + crashed} kills, ${crashed} of them at crash points; ${stood} stood still; PostgreSQL stopped ${postgresAway.length} times; ${spoiled} statements spoiled`
}

/** Every fault of a run, in the order of the calls at which each begins. */
export function printSchedule(schedule: Schedule): string {
  const steps = Object.entries(schedule.tracks).flatMap(([track, all]) => all.map(step => ({ track, step })))
  return steps
    .toSorted((a, b) => a.step.at - b.step.at)
    .map(({ step }) => `  ${String(step.at).padStart(7)}  ${describe(step)}`)
    .join('\n')
}

export function describe({ fault }: Step): string {
  switch (fault.kind) {
    case 'crash':
      return `${fault.slot} dies at ${fault.point}${fault.nth > 1 ? `, the ${fault.nth}th time` : ''}`
    case 'kill':
      return `${fault.slot} is killed`
    case 'freeze':
      return `${fault.slot}${fault.whole ? ' and its children' : ''} stand${fault.whole ? '' : 's'} still for ${fault.ms} ms`
    case 'postgres':
      return `PostgreSQL stops at once, for ${fault.downMs} ms`
    case 'connections':
      return `connections of ${fault.slot}: ${fault.cut}${fault.cut === 'delay' || fault.cut === 'silence' ? ` for ${fault.ms} ms` : ''}`
    case 'statement':
      return `a statement of ${fault.slot}${fault.like ? ` with "${fault.like}"` : ''}: ${fault.fault}`
    case 'change':
      return fault.change
  }
}
