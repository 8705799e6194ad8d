// People, pushes, workers and the sweep want things of one environment at the same moments (RELIABILITY.md F58). Whatever
// comes together, there is an order in which one after the other would have answered the same and come to the same
// (support/intents-model.ts): nothing is half done, and no execution is lost or starts what it must not.
// SLUICE_INTENTS=1000 tries so many seeds, SLUICE_INTENTS_SEED=7 one.
import { asc, eq } from 'drizzle-orm'
import { expect, inject, test } from 'vitest'
import { createRandom, type Random } from '../../chaos/random.ts'
import type { Tx } from '../../src/db/client.ts'
import { executions, functions } from '../../src/db/schema.ts'
import { AppError } from '../../src/errors.ts'
import { heldExecutions } from '../../src/executions/cancel-queued.ts'
import type { Claimed } from '../../src/executions/claim-store.ts'
import { archive } from '../../src/functions/archive.ts'
import { cancelDeletion, requestDeletion } from '../../src/functions/deletion.ts'
import { listDueDeletions } from '../../src/functions/deletions-store.ts'
import type { Outcome } from '../../src/functions/outcome.ts'
import { pause } from '../../src/functions/pause.ts'
import { releaseBuild } from '../../src/functions/release.ts'
import { restore } from '../../src/functions/restore.ts'
import { resume } from '../../src/functions/resume.ts'
import { rollback } from '../../src/functions/rollback.ts'
import { carryOut } from '../../src/functions/sweep.ts'
import { apply, empty, explain, type Intent, type Model, type Seen } from '../support/intents-model.ts'
import { stateOfPlace } from '../support/intents-state.ts'
import { found, insertBuild } from '../support/place.ts'
import { log, setup } from './executions-setup.ts'

const seeds = process.env.SLUICE_INTENTS_SEED
  ? [Number(process.env.SLUICE_INTENTS_SEED)]
  : Array.from({ length: Number(process.env.SLUICE_INTENTS ?? 6) }, (_, index) => index + 1)
const rounds = 15
const names = ['one', 'two', 'three'] as const

/** The real verbs over a real database, each resolving to what it was seen to do. */
async function createPlace() {
  const place = await setup(inject('postgresUrl'), false)
  const { core, db, environment } = place
  const deps = { core, artifacts: place.artifacts, executions: heldExecutions(core.payloads), log }
  const base = { environmentId: environment.id, actor: 'alice', dryRun: false }
  const accepted: string[] = []

  const push = (number: number, code: Record<string, string>) =>
    db.transaction(async (tx: Tx) => {
      const manifest = Object.entries(code).map(([name, content]) => found(name, content))
      const build = await insertBuild(tx, environment.id, number, manifest)
      const released = await releaseBuild(tx, core, {
        environmentId: environment.id,
        buildId: build.id,
        kind: 'deploy',
        actor: 'push',
      })
      return released.kind === 'held' ? released.reason : released.kind
    })

  async function call(functionName: string): Promise<string> {
    try {
      accepted.push((await place.call({ id: '', name: functionName, environmentId: environment.id })).id)
      return 'accepted'
    } catch (error) {
      if (error instanceof AppError) return error.code
      throw error
    }
  }

  function answer(intent: Intent): Promise<string> | null {
    const codeOf = (outcome: Promise<Outcome>) => outcome.then(one => one.code)
    const on = { ...base, functionName: 'on' in intent ? intent.on : null }
    const one = { ...base, functionName: on.functionName ?? '' }
    switch (intent.do) {
      case 'push':
        return push(intent.number, intent.code)
      case 'rollback':
        return codeOf(rollback(core, { ...on, to: null, reason: null }))
      case 'pause':
        return codeOf(pause(core, { ...on, reason: null, until: null }))
      case 'resume':
        return codeOf(resume(core, on))
      case 'archive':
        return codeOf(archive(core, one))
      case 'restore':
        return codeOf(restore(core, one))
      case 'delete': {
        const graceSeconds = intent.deletion === 'due' ? 0 : 3_600
        return codeOf(requestDeletion(core, { ...one, reason: 'user_requested', graceSeconds }))
      }
      case 'cancel_deletion':
        return codeOf(cancelDeletion(core, one))
      case 'call':
        return call(intent.on)
      default:
        return null
    }
  }

  async function sweep(): Promise<Seen[]> {
    const seen: Seen[] = []
    for (const due of await listDueDeletions(db, 100)) {
      const came = await carryOut(deps, due)
      const [row] = await db.select().from(functions).where(eq(functions.id, due.functionId))
      if (came === 'deleted' && row)
        seen.push({ intent: { do: 'deleted', on: row.name }, outcome: 'deleted' })
    }
    return seen
  }

  const contentOf = (one: Claimed) => one.bundleDigest.slice(`sha256:${one.functionName}-`.length)
  const running: Claimed[] = []
  async function work(): Promise<Seen[]> {
    const { executions: claimed } = await place.claim(6)
    running.push(...claimed)
    return claimed.map(one => ({
      intent: { do: 'claimed', on: one.functionName, content: contentOf(one) },
      outcome: 'claimed',
    }))
  }
  async function finishRunning(): Promise<void> {
    for (const one of running.splice(0)) await place.end(one, { kind: 'returned', result: '1' })
  }
  return { ...place, accepted, answer, sweep, work, finishRunning }
}

type Step = Intent | 'sweep' | 'work'

function chooseStep(random: Random, pushes: Intent[]): Step {
  const on = random.pick(names)
  const either = random.next() < 0.4 ? null : on
  const chance = random.next()
  if (chance < 0.2) return pushes.splice(random.between(0, Math.min(2, pushes.length - 1)), 1)[0] ?? 'work'
  if (chance < 0.35) return { do: 'call', on }
  if (chance < 0.5) return 'work'
  if (chance < 0.56) return 'sweep'
  return random.pick<Intent>([
    { do: 'rollback', on: either },
    { do: 'pause', on: either },
    { do: 'resume', on: either },
    { do: 'resume', on: either },
    { do: 'archive', on },
    { do: 'restore', on },
    { do: 'restore', on },
    { do: 'delete', on, deletion: random.pick(['due', 'later']) },
    { do: 'cancel_deletion', on },
  ])
}

/** Numbers rise with the heads; that a later one is ready first happens. */
function createPushes(random: Random): Intent[] {
  return Array.from({ length: rounds * 3 }, (_, index) => {
    const code = names.filter(() => random.next() < 0.8).map(name => [name, `${random.between(1, 3)}`])
    return { do: 'push', number: index + 1, code: Object.fromEntries(code) }
  })
}

async function take(place: Awaited<ReturnType<typeof createPlace>>, step: Step): Promise<Seen[]> {
  if (step === 'sweep') return place.sweep()
  if (step === 'work') return place.work()
  const outcome = await place.answer(step)
  return outcome === null ? [] : [{ intent: step, outcome }]
}

async function tryInTurns(seed: number): Promise<void> {
  const random = createRandom(seed)
  const place = await createPlace()
  const pushes = createPushes(random)
  const model: Model = empty()
  try {
    for (let round = 1; round <= rounds; round++) {
      const steps = Array.from({ length: random.between(1, 3) }, () => chooseStep(random, pushes))
      const seen = (await Promise.all(steps.map(step => take(place, step)))).flat()
      const now = JSON.stringify(await stateOfPlace(place.db, place.environment.id))
      const order = explain(model, seen, after => JSON.stringify(sorted(after)) === now)
      expect(order, unexplained(seed, round, model, seen, now)).not.toBeNull()
      for (const { intent } of order ?? []) apply(model, intent)
      await place.finishRunning()
    }
    await nothingIsLost(place)
  } finally {
    await place.close()
  }
}

/** As `stateOfPlace` says it. */
function sorted({ live, pinned, paused, functions: all }: Model) {
  return {
    live,
    pinned,
    paused,
    functions: Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

const unexplained = (seed: number, round: number, model: Model, seen: Seen[], now: string) =>
  `seed ${seed}, round ${round}: no order explains ${JSON.stringify(seen)}\nfrom ${JSON.stringify(sorted(model))}\nto ${now}`

/** Once everything is let go, whatever was accepted and not cancelled with its function runs, once. */
async function nothingIsLost(place: Awaited<ReturnType<typeof createPlace>>): Promise<void> {
  const base = { environmentId: place.environment.id, actor: 'alice', dryRun: false }
  await resume(place.core, { ...base, functionName: null })
  for (const functionName of names) {
    await cancelDeletion(place.core, { ...base, functionName })
    await restore(place.core, { ...base, functionName })
    await resume(place.core, { ...base, functionName })
  }
  while ((await place.work()).length > 0) await place.finishRunning()
  const rows = await place.db.select().from(executions).orderBy(asc(executions.sequence))
  expect(rows.map(row => row.id).toSorted()).toEqual(place.accepted.toSorted())
  const fates = new Map(rows.map(row => [row.state, row.attempt]))
  fates.delete('succeeded')
  fates.delete('cancelled')
  expect([...fates]).toEqual([])
  expect(rows.filter(row => row.attempt > 1)).toEqual([])
}

test.each(seeds)('whatever comes together has an order that explains it (seed %i)', async seed => {
  await tryInTurns(seed)
})
