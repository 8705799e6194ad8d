// The test itself. The seed's: runs of ten items, one item after another; B goes live in the middle of a run of A's, and is
// rolled back in the middle of one of its own. Then many switches under a steady load.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Endpoint, nowMs } from './endpoint.ts'
import { judge, type Switch, type Verdict } from './judge.ts'
import { startLoad } from './load.ts'
import type { Place } from './place.ts'

const lookMs = 50
/** Of the version to come, before the next switch; and what then waits or runs is no more than the load itself. */
const startsBetween = 5
const caughtUpMs = 200

export async function seedRound(place: Place, endpoint: Endpoint, delayMs: number): Promise<Verdict> {
  const itemsOfRun = 10
  const switches: Switch[] = []
  let run = 0
  const call = () => {
    run += 1
    return place.call([{ number: run, items: itemsOfRun, delayMs }])
  }
  const reached = (number: number) => () =>
    endpoint.items.some(one => one.run === run && one.number === number)
  const change = async (kind: Switch['kind'], to: string, work: () => Promise<void>) => {
    await call()
    await endpoint.until(reached(itemsOfRun / 2))
    switches.push(await timed(kind, to, work))
    await endpoint.until(reached(itemsOfRun))
  }
  await change('cutover', 'B', () => place.deploy('B'))
  await change('rollback', 'A', () => place.rollBack())
  await call()
  await endpoint.until(reached(itemsOfRun))
  await finished(place)
  const verdict = judge(endpoint.items, switches, { runs: run, itemsOfRun })
  await place.resume()
  // One run is called after the other has ended: between their starts is a run.
  return { ...verdict, gapsMs: [] }
}

export interface Rounds {
  cutovers: number
  rollbacks: number
  runsPerSecond: number
  itemsOfRun: number
}

/** B is live when it begins. A cutover is a deploy, or a resume after a rollback, which makes the newest build live again. */
export async function switchRounds(place: Place, endpoint: Endpoint, rounds: Rounds): Promise<Verdict> {
  const { runsPerSecond, itemsOfRun } = rounds
  endpoint.items.length = 0
  const switches: Switch[] = []
  let [live, before] = ['B', 'B']
  const load = startLoad(place, runsPerSecond, itemsOfRun)
  const settled = (from: number) => () =>
    endpoint.items.filter((one, index) => index >= from && one.number === 1 && one.version === live).length >=
    startsBetween
  // The processes of a version to come take the processor from those at work, who then have something to catch up with.
  const caughtUp = async () => {
    const most = Math.max(startsBetween, (runsPerSecond * caughtUpMs) / 1_000)
    while ((await place.unfinished()) > most) await sleep(lookMs)
  }
  await endpoint.until(settled(0))
  await caughtUp()
  const change = async (kind: Switch['kind'], to: string, work: () => Promise<void>) => {
    const from = endpoint.items.length
    ;[before, live] = [live, to]
    switches.push(await timed(kind, to, work))
    await endpoint.until(settled(from))
    await caughtUp()
  }
  for (const kind of orderOf(rounds)) {
    if (kind === 'deploy') {
      const to = live === 'A' ? 'B' : 'A'
      await change('cutover', to, () => place.deploy(to))
    } else if (kind === 'rollback') await change('rollback', before, () => place.rollBack())
    else await change('cutover', before, () => place.resume())
  }
  const runs = await load.stop()
  await finished(place)
  return judge(endpoint.items, switches, { runs, itemsOfRun })
}

type Step = 'deploy' | 'rollback' | 'resume'

/** A rollback pins: what follows it is the resume, which is a cutover too. */
function orderOf({ cutovers, rollbacks }: Rounds): Step[] {
  const steps = Array.from({ length: rollbacks }, (): Step[] => ['deploy', 'rollback', 'resume']).flat()
  const more = Math.max(0, cutovers - 2 * rollbacks)
  return [...steps, ...Array.from({ length: more }, (): Step => 'deploy')]
}

async function timed(kind: Switch['kind'], to: string, work: () => Promise<void>): Promise<Switch> {
  const askedMs = nowMs()
  await work()
  return { kind, to, askedMs, doneMs: nowMs() }
}

async function finished(place: Place): Promise<void> {
  while ((await place.unfinished()) > 0) await sleep(lookMs)
}
