// Works one build from the start, whatever became of earlier tries: begin, pipeline, settle. It ends early, with everything
// it started, when somebody else finished the build (superseded, cancelled), when its time is over, or when we stop.
import { crashPoint } from '../crash-point.ts'
import type { Variables } from '../environments/variables.ts'
import { AppError, codes, messageOf } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import { giveBackHeap } from '../heap.ts'
import type { Log } from '../log.ts'
import { every } from '../service.ts'
import type { Archives } from './archive/archive-cache.ts'
import { type BuildLog, createBuildLog } from './build-log.ts'
import { builderVersion } from './builder-version.ts'
import { isFailed } from './chain.ts'
import { assignBuild, type Channels, type FailedOn, queueOf, stable } from './channel.ts'
import { type Failed, type Failure, failed } from './failure.ts'
import { createWorkspace, type Folders, removeFolder } from './folders.ts'
import type { KeptInstalls } from './installing/kept-installs.ts'
import type { Turns } from './installing/turns.ts'
import { Interruption } from './interruption.ts'
import { createMask, type Mask, maskError, maskFailure } from './mask.ts'
import { pipeline } from './pipeline.ts'
import type { ArtifactStore, Source, TreeEntry } from './ports.ts'
import { endProcesses, groupProcesses } from './processes/build-processes.ts'
import type { Machine } from './processes/machine.ts'
import { basisOf } from './scope/basis.ts'
import { buildVariables } from './scope/content-store.ts'
import { type Basis, contentDigest } from './scope/scope.ts'
import { begin, fail, progress, succeed } from './settle.ts'
import { isFinished, type Stage } from './states.ts'
import { findOrder, insertLogLines, isUnderWay, newestManifest, type Order } from './store.ts'
import type { Limits } from './tools.ts'

export interface Builder {
  core: Core
  source: Source
  archives: Archives
  installTurns: Turns
  artifacts: ArtifactStore
  keptInstalls: KeptInstalls | null
  machine: Machine
  folders: Folders
  limits: Limits
  variablesOf: VariablesOf
  channels: Channels
  log: Log
}

/** @throws AppError `misconfigured` when they cannot be opened. */
export type VariablesOf = (environment: { id: string; repositoryId: number }) => Promise<Variables>

const watchMs = 1_000
// A build that fails because of the world is tried again, with the queue's growing delays, this often in all.
const maxTries = 3
// Starts without an end: the builder itself was lost each time, maybe because of this build.
const maxStarts = 12

/** `failedOn`: another builder gave it back. @throws when the build is to be tried again. */
export async function workBuild(
  builder: Builder,
  buildId: string,
  job: AbortSignal,
  failedOn: FailedOn | null = null,
): Promise<void> {
  const { core, channels } = builder
  const order = await findOrder(core.db, buildId)
  if (!order || isFinished(order.state)) return
  const assignment = assignBuild(order.build.builder, channels, failedOn)
  if ('failure' in assignment) return void (await fail(core, order, assignment.failure))
  if (assignment.kind === 'pass') return passOn(core, order, assignment.to, failedOn)
  const version = builderVersion
  const tries = await begin(core, order, { channel: channels.own, version, ...(failedOn && { failedOn }) })
  if (tries === null) return
  crashPoint('build.begun')
  if (tries > maxStarts) return conclude(builder, order, lost)
  // Before the variables themselves: one that is changed in between is a change, for the next push.
  const basis = await readBasis(builder, order)
  const variables = await readVariables(builder, order)
  if ('failure' in variables) return conclude(builder, order, variables.failure)
  await run(builder, { ...order, basis }, variables, tries, job)
}

type Begun = Order & { basis: Basis }

async function readBasis({ core }: Builder, order: Order): Promise<Basis> {
  const { id } = order.environment
  const variables = (await buildVariables(core.db, [{ id, repositoryId: order.repository.id }]))(id)
  return basisOf({ ...order, root: order.environment.root, variables, builder: builderVersion })
}

/** It failed: for good on the stable builder, which is still to try what failed on another one. */
async function conclude({ core, channels }: Builder, order: Order, failure: Failure): Promise<void> {
  if (channels.own === stable) return void (await fail(core, order, failure))
  await passOn(core, order, stable, { channel: channels.own, version: builderVersion, code: failure.code })
}

async function passOn(core: Core, order: Order, to: string, failedOn: FailedOn | null): Promise<void> {
  const data = { buildId: order.buildId, ...(failedOn && { failedOn }) }
  const job = { data, key: order.buildId, group: String(order.repository.id) }
  await core.jobs.sendAll(core.db, queueOf(to), [job])
}

async function readVariables({ variablesOf }: Builder, order: Order): Promise<Variables | Failed> {
  try {
    return await variablesOf({ id: order.environment.id, repositoryId: order.repository.id })
  } catch (error) {
    if (error instanceof AppError && !codes[error.code].retryable)
      return failed('variables_unreadable', error.message)
    throw error
  }
}

async function run(
  builder: Builder,
  order: Begun,
  variables: Variables,
  tries: number,
  job: AbortSignal,
): Promise<void> {
  const { core, log } = builder
  const mask = createMask(variables.secrets)
  const end = new AbortController()
  const signal = AbortSignal.any([job, end.signal])
  const limit = setTimeout(() => end.abort(new Interruption('out_of_time')), builder.limits.buildMs)
  const watch = every('build watch', watchMs, log, async () => {
    if (!(await isUnderWay(core.db, order.buildId))) end.abort(new Interruption('unwanted'))
  })
  const plainLog = createBuildLog(lines => insertLogLines(core.db, order.buildId, lines), log)
  const buildLog = { ...plainLog, say: (text: string) => plainLog.say(mask(text)) }
  if (tries > 1) buildLog.say(`Begun again (${tries}): the builder was interrupted`)
  await watch.start()
  try {
    await buildAndSettle(builder, order, { given: variables.build.values, mask }, buildLog, signal)
  } catch (thrown) {
    const error = maskError(interruptionOf(signal) ?? thrown, mask)
    const failure = failureOf(error, tries, builder)
    if (failure === 'unwanted') return log.info({ build: order.buildId }, 'build given up: nobody wants it')
    const again = failure === 'again'
    if (again) buildLog.say(`To be tried again: ${publicMessage(error)}`)
    else sayFailure(builder, failure, buildLog)
    await buildLog.close().catch(() => {}) // the error at hand says more
    if (again) throw error
    log.warn({ error, build: order.buildId }, `build failed: ${messageOf(error)}`)
    await conclude(builder, order, failure)
  } finally {
    clearTimeout(limit)
    await watch.stop(new Date())
    await buildLog.close().catch(error => log.warn({ error }, `build log: ${messageOf(error)}`))
  }
}

async function buildAndSettle(
  builder: Builder,
  order: Begun,
  { given, mask }: { given: Record<string, string>; mask: Mask },
  buildLog: BuildLog,
  signal: AbortSignal,
): Promise<void> {
  const { core, folders } = builder
  const tree = treeOf(builder, order)
  const workspace = await createWorkspace(folders, order.buildId)
  const group = groupProcesses(builder.machine, workspace, builder.limits)
  try {
    const earlier = order.upload ? [] : await newestManifest(core.db, order.environment.id, builderVersion)
    const tools = { ...builder, workspace, group, variables: given, earlier, signal, say: buildLog.say }
    const built = await pipeline(order, tools, entering(core, order, buildLog, signal))
    signal.throwIfAborted()
    if (isFailed(built)) sayFailure(builder, built.failure, buildLog)
    // Whoever sees the build finished sees its whole log.
    await buildLog.close()
    if (isFailed(built)) return await conclude(builder, order, maskFailure(built.failure, mask))
    const { manifest, install, scope } = built
    const entries = scope && (await tree)
    const digest = entries && contentDigest(scope, entries, order.basis)
    await succeed(core, order, {
      manifest,
      installCached: install?.cached ?? null,
      scope,
      contentDigest: digest,
    })
    if (install) builder.keptInstalls?.keep(install)
    if (install && !install.cached) giveBackHeap()
  } finally {
    await endProcesses(builder.machine, group, workspace)
    await removeFolder(workspace.root)
  }
}

function sayFailure({ channels }: Builder, failure: Failure, buildLog: BuildLog): void {
  buildLog.say(failure.message)
  if (channels.own !== stable)
    buildLog.say(`Failed on ${channels.own} ${builderVersion} (${failure.code}): ${stable} builds it now`)
}

/** It only spares later builds: none fails for want of it. */
function treeOf(
  { source, log }: Builder,
  { repository, sha, buildId, upload }: Order,
): Promise<TreeEntry[] | null> {
  if (upload) return Promise.resolve(null)
  return source.tree(repository, sha).catch(error => {
    log.warn({ error, build: buildId }, `the next push will be built: ${messageOf(error)}`)
    return null
  })
}

/** Moves the build on to a step's stage; throws when it is finished already. */
function entering(core: Core, order: Order, buildLog: BuildLog, signal: AbortSignal) {
  let current: Stage = 'fetching'
  return async (stage: Stage) => {
    signal.throwIfAborted()
    if (stage !== current && !(await progress(core, order, stage))) throw new Interruption('unwanted')
    current = stage
    buildLog.enter(stage)
  }
}

/** What ended the build from outside. The job's own signal (its heartbeat was lost) means: somebody else takes it over. */
function interruptionOf(signal: AbortSignal): Interruption | null {
  if (!signal.aborted) return null
  return signal.reason instanceof Interruption ? signal.reason : new Interruption('stopping')
}

/** What an exception means for the build: its failure, another try, or nothing because it is finished. */
function failureOf(error: unknown, tries: number, builder: Builder): Failure | 'again' | 'unwanted' {
  if (error instanceof Interruption) {
    if (error.because === 'unwanted') return 'unwanted'
    return error.because === 'out_of_time' ? outOfTime(builder.limits.buildMs) : 'again'
  }
  const worldsFault = !(error instanceof AppError) || codes[error.code].retryable
  if (worldsFault && tries < maxTries) return 'again'
  const message = worldsFault
    ? `Tried ${tries} times, the last time: ${publicMessage(error)}`
    : publicMessage(error)
  return {
    code: 'builder_failed',
    message: `${message}\nRebuild once that is solved.`,
    annotations: [],
  }
}

/** What the author of the code may read: messages of our own, never a driver's with its query and values. */
function publicMessage(error: unknown): string {
  if (error instanceof AppError || error instanceof Interruption) return error.message
  return 'an unexpected error of the builder; the server log has it under the id of this build'
}

function outOfTime(buildMs: number): Failure {
  const minutes = Math.round(buildMs / 60_000)
  return {
    code: 'out_of_time',
    message: `The build took longer than ${minutes} minutes and was ended. The log shows what it was doing.`,
    annotations: [],
  }
}

const lost: Failure = {
  code: 'builder_lost',
  message: `The builder was lost ${maxStarts} times while it worked on this build, so it is not begun again. The server log of the machine says why; rebuild after that.`,
  annotations: [],
}
