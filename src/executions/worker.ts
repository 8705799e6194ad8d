// Everything the worker role runs for executions, as services in order of their start: leases are kept before anything is
// claimed, and claiming is the first to stop.
import { randomUUID } from 'node:crypto'
import os from 'node:os'
import { connect } from '../db/client.ts'
import { createListening } from '../db/listen.ts'
import { messageOf } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import { switchChannel } from '../functions/announce-switch.ts'
import { finishDrains } from '../functions/drain.ts'
import { warmChannels } from '../functions/warm-channels.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import { type Bell, createBell } from './bell.ts'
import { cancelOverflow } from './claim.ts'
import { type ClaimLoop, createClaimLoop } from './claim-loop.ts'
import { discardLate } from './discard.ts'
import { createDraining, type Draining } from './draining.ts'
import { createGroupCommit } from './group-commit.ts'
import { createHeartbeat, stopAborting } from './heartbeat.ts'
import { keepHistory } from './keep-history.ts'
import type { ExecutionCore } from './payloads.ts'
import type { Runner } from './ports.ts'
import { rescue } from './rescue.ts'
import { createSchedule } from './schedule.ts'
import { type AttemptsUnderWay, createUnderWay } from './under-way.ts'
import { channels } from './wake.ts'
import { createWarming, type Warming } from './warming.ts'

// A claim, a settle, and what hands back, cancels, or settles one by one beside them.
const connections = 4

export interface ExecutionWorkerDeps {
  core: ExecutionCore
  /** Of the database: claims and settles, heartbeats, and notifications have connections of their own. */
  url: string
  runner: Runner
  /** Rung by whoever accepts calls in the same process. */
  bell?: Bell
  config: { concurrency: number; historySeconds: number }
  log: Log
}

export function createExecutionWorker(deps: ExecutionWorkerDeps): Service[] {
  const { core, url, runner, bell = createBell(), config, log } = deps
  const database = connect(url, { max: connections, name: 'sluice executions', planning: 'by index' })
  const engine = { ...core, db: database.db }
  const underWay = createUnderWay()
  const workerId = `${os.hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  const warming = createWarming(runner, workerId)
  const claimLoop = createClaimLoop({
    core: engine,
    payloads: core.payloads,
    settle: createGroupCommit(engine),
    runner,
    warming,
    underWay,
    bell,
    workerId,
    concurrency: config.concurrency,
    log,
  })
  return [
    { name: 'execution statements', start: async () => {}, stop: () => database.close() },
    { name: 'runner', start: async () => {}, stop: () => runner.stop() },
    ...createHeartbeat({ url, underWay, log }),
    createListener({
      core,
      url,
      underWay,
      bell,
      claimLoop,
      warming,
      draining: createDraining(underWay, runner),
      log,
    }),
    every('execution rescue', 5_000, log, async () => {
      const amount = await rescue(core)
      if (amount > 0) log.warn({ amount }, 'executions of vanished workers were taken back')
    }),
    createHistory(core, config.historySeconds, log),
    every('execution discard', 1_000, log, async () => void (await discardLate(core))),
    every('execution overflow', 500, log, async () => void (await cancelOverflow(engine))),
    every('execution drains', 1_000, log, () => finishDrains(core)),
    createSchedule({ core, bell, log }),
    claimLoop,
  ]
}

/** There is a place for what finishes before anything is claimed. */
function createHistory(core: Core, keepSeconds: number, log: Log): Service {
  const keep = () => keepHistory(core, keepSeconds)
  const rounds = every('execution history', Math.min(60, keepSeconds / 16) * 1_000, log, keep)
  return {
    ...rounds,
    async start() {
      await keep()
      await rounds.start()
    },
  }
}

interface ListenerDeps {
  core: Core
  url: string
  underWay: AttemptsUnderWay
  bell: Bell
  claimLoop: ClaimLoop
  warming: Warming
  draining: Draining
  log: Log
}

/** Notifications make it quick; the poll makes it certain. */
function createListener(deps: ListenerDeps): Service {
  const { core, url, underWay, bell, claimLoop, warming, draining, log } = deps
  const database = connect(url, { max: 1, name: 'sluice aborts', planning: 'by index' })
  const look = async () => {
    await stopAborting(database, underWay)
    await draining.look(database.db)
  }
  const poll = every('execution aborts', 1_000, log, look)
  const ringAll = () => bell.ring()
  const askNow = () => void look().catch(error => log.debug({ error }, messageOf(error)))
  const switched = (environmentId: string) => {
    claimLoop.switched(environmentId)
    askNow()
  }
  const listening = createListening({
    url,
    name: 'sluice listener',
    channels: {
      [channels.due]: ringAll,
      [channels.abort]: askNow,
      [switchChannel]: switched,
      [warmChannels.ask]: text => void warming.asked(core.pool, text),
    },
    listens: ringAll,
    log,
  })
  return {
    name: 'execution listener',
    async start() {
      await listening.start()
      await poll.start()
    },
    async stop(deadline) {
      await poll.stop(deadline)
      await Promise.all([listening.close(), database.close()])
    },
  }
}
