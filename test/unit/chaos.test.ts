// The judge of `npm run chaos` is judged: a run in which nothing went wrong passes, and each kind of wrong is told. So are the
// faults of a seed, and the proxy's reading of PostgreSQL's protocol.
import { describe, expect, test } from 'vitest'
import { createConversation } from '../../chaos/conversation.ts'
import type { Facts } from '../../chaos/facts.ts'
import { judge } from '../../chaos/invariants.ts'
import type { Accepted } from '../../chaos/load.ts'
import type { Life } from '../../chaos/processes.ts'
import { planRun, type StatementFault } from '../../chaos/schedule.ts'
import { statementOf } from '../../chaos/wire.ts'

const wanted = { seed: 7, executions: 2_000, kills: 40, postgresStops: 2, workers: 2 }

describe('the faults of a run', () => {
  test('come from the seed alone', () => {
    expect(planRun(wanted)).toEqual(planRun({ ...wanted }))
    expect(planRun(wanted)).not.toEqual(planRun({ ...wanted, seed: 8 }))
  })

  test('are as many as asked for, each point once, in the order of the calls', () => {
    const { tracks, points, standing } = planRun(wanted)
    const all = Object.values(tracks).flat()
    const kinds = (kind: string) => all.filter(step => step.fault.kind === kind).length
    expect(kinds('crash') + kinds('kill') + standing.length).toBe(40)
    expect(kinds('postgres')).toBe(2)
    expect(new Set(points).size).toBe(points.length)
    for (const steps of Object.values(tracks))
      expect(steps.map(step => step.at)).toEqual(steps.map(step => step.at).toSorted((a, b) => a - b))
  })
})

const worker: Life = {
  ...{
    slot: 'worker-1',
    pid: 10,
    startedMs: 0,
    upMs: 1,
    endedMs: null,
    how: 'stopped',
    code: 0,
    point: null,
  },
  ...{ armed: '', frozen: [] },
}
const call: Omit<Accepted, 'id' | 'key' | 'atMs' | 'notBeforeMs'> = {
  ...{ name: 'quick', args: [], delayMs: null, cancel: false, cancelledAtMs: null },
}
const execution = { id: 'a', key: '0', function: 'oneByOne', state: 'succeeded', crashes: 0, error: null }
const attempt = {
  executionId: 'a',
  number: 1,
  state: 'succeeded',
  reason: 'first',
  workerPid: 10,
  sha: 'sha0',
}
const word = { key: '0', run: 'r1', function: 'oneByOne', marker: 0 }

const good: Facts = {
  ...{ healedMs: 0, progressMs: 10, lastCheck: 'success', unanswered: 0, spoiled: 0 },
  accepted: [{ ...call, id: 'a', key: '0', atMs: 90, notBeforeMs: 90 }],
  executions: [{ ...execution, createdMs: 90, finishedMs: 200 }],
  attempts: [{ ...attempt, startedMs: 100, finishedMs: 200 }],
  seenFinished: new Map([['a', 'succeeded']]),
  ledger: [
    { ...word, what: 'start', atMs: 110 },
    { ...word, what: 'end', atMs: 190 },
  ],
  lives: [worker],
  postgresAway: [],
  commits: ['sha0', 'sha1'],
  wantedPoints: [],
  reached: new Map(),
  ...{ left: [], leaks: [] },
}

const lostOnce: Pick<Facts, 'attempts' | 'ledger' | 'lives'> = {
  lives: [{ ...worker, pid: 9, how: 'killed', endedMs: 150 }, worker],
  attempts: [
    { ...attempt, state: 'lost', workerPid: 9, startedMs: 100, finishedMs: 33_000 },
    { ...attempt, number: 2, reason: 'lease_expired', startedMs: 33_100, finishedMs: 33_200 },
  ],
  ledger: [
    { ...word, what: 'start', atMs: 110 },
    { ...word, what: 'start', run: 'r2', atMs: 33_110 },
    { ...word, what: 'end', run: 'r2', atMs: 33_190 },
  ],
}
const told = (facts: Partial<Facts>) => judge({ ...good, ...facts }).violations.map(one => one.invariant)

describe('a run', () => {
  test('in which all went well is passed', () => {
    expect(judge(good)).toMatchObject({ violations: [], lost: 0, stuck: 0, duplicates: [], finished: 1 })
  })

  test('with a start after a lost lease is passed, and the duplicate told with its reason', () => {
    const verdict = judge({ ...good, ...lostOnce })
    expect(verdict.violations).toEqual([])
    expect(verdict.duplicates).toEqual([{ id: 'a', key: '0', reason: 'lease_expired', explained: true }])
    expect(verdict.longestRecoveryMs).toBe(32_850)
  })

  test.each<[string, Partial<Facts>]>([
    ['I1 accepted and lost', { executions: [], attempts: [] }],
    [
      'I1 accepted and not finished',
      { executions: [{ ...execution, state: 'queued', createdMs: 0, finishedMs: null }] },
    ],
    ['I2 finished, and changed afterwards', { seenFinished: new Map([['a', 'failed']]) }],
    [
      'I3 attempts held it at the same time',
      {
        attempts: lostOnce.attempts.map((one, index) => (index === 0 ? { ...one, finishedMs: 33_150 } : one)),
      },
    ],
    [
      'I3 its code ran twice at the same time',
      { ...lostOnce, ledger: [...lostOnce.ledger, { ...word, what: 'beat', atMs: 33_500 }] },
    ],
    [
      'I4 an attempt without its reason',
      { ...lostOnce, attempts: lostOnce.attempts.map(one => ({ ...one, reason: 'first' })) },
    ],
    [
      'I5 more at once than its limit',
      {
        ledger: [
          ...good.ledger,
          { ...word, key: '1', run: 'r3', what: 'start', atMs: 120 },
          { ...word, key: '1', run: 'r3', what: 'end', atMs: 130 },
        ],
      },
    ],
    ['I6 ran other code than its version', { ledger: good.ledger.map(one => ({ ...one, marker: 1 })) }],
    [
      'I7 longer without an owner than a lease and a sweep',
      {
        ...lostOnce,
        attempts: lostOnce.attempts.map(one => ({
          ...one,
          ...(one.number === 1 ? { finishedMs: 45_000 } : { startedMs: 45_001, finishedMs: 45_300 }),
        })),
      },
    ],
    ['I8 new work was not done in time after the last fault', { progressMs: 12_000 }],
    ['I9 left behind', { left: ['42 node'] }],
    ['I10 a secret was written', { leaks: ['events'] }],
    [
      'started again without a reason',
      { ledger: [...good.ledger, { ...word, run: 'r2', what: 'start', atMs: 195 }] },
    ],
    ['R2 crash points never reached', { wantedPoints: ['claim.after_commit'] }],
    ['processes that ended by themselves', { lives: [{ ...worker, how: 'by itself', code: 1 }] }],
  ])('%s', (invariant, facts) => {
    expect(told(facts)).toContain(invariant)
  })
})

/** As a client says it: a type, the length, the content. */
function message(type: string, content: string): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(Buffer.byteLength(content) + 4, 1)
  return Buffer.concat([head, Buffer.from(content)])
}
const startUp = Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from([0, 3, 0, 0])])
const query = message('Q', 'update it\0')
const answer = Buffer.concat([message('C', 'UPDATE 1\0'), message('Z', 'I')])

function conversing(fault: StatementFault) {
  const one = createConversation(text => (text.includes('update') ? fault : null))
  one.asked(startUp)
  one.answered(message('Z', 'I'))
  return one
}

describe('a spoiled statement', () => {
  test('that is cut or refused before does not reach the server', () => {
    expect(conversing('cut_before').asked(query)).toMatchObject({ toServer: Buffer.alloc(0), end: true })
    const refused = conversing('error_before').asked(query)
    expect(refused.toServer).toHaveLength(0)
    expect(refused.toClient.toString()).toContain('C40001')
  })

  test('that is cut or refused after is carried out, and its answer lost', () => {
    const cut = conversing('cut_after')
    expect(cut.asked(query).toServer).toEqual(query)
    expect(cut.answered(answer)).toMatchObject({ toClient: Buffer.alloc(0), end: true })
    const refused = conversing('error_after')
    expect(refused.asked(query).toServer).toEqual(query)
    const said = refused.answered(answer).toClient.toString()
    expect(said).toContain('C40001')
    expect(said).not.toContain('UPDATE 1')
  })

  test('is refused after also where another was asked behind it', () => {
    const one = conversing('error_after')
    one.asked(query)
    one.asked(message('Q', 'select 1\0'))
    const next = Buffer.concat([message('D', 'one row'), message('C', 'SELECT 1\0'), message('Z', 'I')])
    const [row, rest] = [message('D', 'a row'), Buffer.concat([answer, next])]
    const said = Buffer.concat([one.answered(row).toClient, one.answered(rest).toClient]).toString()
    expect(said).toMatch(/^E.*C40001.*Z.*one row.*SELECT 1/s)
    expect(said).not.toMatch(/a row|UPDATE 1/)
  })

  test('is found in pieces of any size, and others pass', () => {
    const one = conversing('cut_before')
    const other = message('Q', 'select 1\0')
    expect(one.asked(other.subarray(0, 3)).toServer).toHaveLength(0)
    expect(one.asked(other.subarray(3)).toServer).toEqual(other)
    expect(statementOf({ type: 'Q', bytes: other })).toBe('select 1')
  })
})
