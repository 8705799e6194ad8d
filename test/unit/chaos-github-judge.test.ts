// What the runs at GitHub conclude: each thing that may stand wrong there is told, and a right end is silent.
import { expect, test } from 'vitest'
import type { Build, Check, Deployment, Facts } from '../../chaos/github/facts.ts'
import { judge } from '../../chaos/github/judge.ts'

const head = 'b'.repeat(40)
const older = 'a'.repeat(40)
const builds: Build[] = [
  { id: 'one', environment: 'line-0', sha: older, state: 'superseded', live: false },
  { id: 'two', environment: 'line-0', sha: head, state: 'succeeded', live: true },
]
const check = (id: number, build: string, conclusion: string): Check => {
  return { id, name: 'Sluice / line-0', externalId: build, status: 'completed', conclusion }
}
const deployment = (id: number, build: string, sha: string, state: string): Deployment => {
  return { id, environment: 'line-0', sha, build, state }
}
const right: Facts = {
  heads: new Map([['line/0', head]]),
  environments: new Map([['line-0', 'line/0']]),
  pulls: [{ number: 1, branch: 'line/0' }],
  checks: new Map([
    [older, [check(1, 'one', 'neutral')]],
    [head, [check(2, 'two', 'success')]],
  ]),
  deployments: [deployment(3, 'one', older, 'inactive'), deployment(4, 'two', head, 'success')],
  comments: new Map([[1, [`live: ${head.slice(0, 7)}`]]]),
  builds,
  calls: { all: 9, spoiled: 1, byRoute: new Map() },
  pushes: 2,
  kills: 0,
}

test('nothing is said of a right end', () => {
  expect(judge(right)).toEqual([])
})

test.each<[string, Partial<Facts>]>([
  ['the head is not what is live', { builds: builds.map(one => ({ ...one, live: one.sha === older })) }],
  [
    'a check never ended (in_progress)',
    { checks: new Map([...right.checks, [older, [{ ...check(1, 'one', ''), status: 'in_progress' }]]]) },
  ],
  ['a build without a check', { checks: new Map([...right.checks, [older, []]]) }],
  [
    '2 checks of one build',
    { checks: new Map([...right.checks, [older, [check(1, 'one', 'neutral'), check(5, 'one', 'neutral')]]]) },
  ],
  [
    "the head's check says failure",
    { checks: new Map([...right.checks, [head, [check(2, 'two', 'failure')]]]) },
  ],
  [
    '2 deployments of one build',
    { deployments: [...right.deployments, deployment(6, 'two', head, 'inactive')] },
  ],
  [
    '2 active deployments, or of another commit',
    { deployments: right.deployments.map(one => ({ ...one, state: 'success' })) },
  ],
  [
    'a deployment was left queued',
    { deployments: right.deployments.map(one => (one.id === 3 ? { ...one, state: 'queued' } : one)) },
  ],
  ['2 comments', { comments: new Map([[1, [head.slice(0, 7), head.slice(0, 7)]]]) }],
  ['the comment does not name the head', { comments: new Map([[1, [older.slice(0, 7)]]]) }],
])('it tells: %s', (what, wrong) => {
  expect(judge({ ...right, ...wrong }).map(violation => violation.what)).toEqual([what])
})
