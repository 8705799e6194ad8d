// The composition root: the only place that constructs things. Each role is a list of services, started in order and stopped
// in reverse. Nothing here decides anything.
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { FastifyPluginAsync } from 'fastify'
import { lifecycleApi } from './api/lifecycle/lifecycle-api.ts'
import { issuerOf } from './api/oidc/claims.ts'
import { publicApi } from './api/public-api.ts'
import { publishedSchema } from './api/published-schema.ts'
import { runtimeToken } from './api/tokens.ts'
import { consoleSide } from './app/console-side.ts'
import { gitSide } from './app/git-side.ts'
import { createFolderStore } from './artifacts/folder.ts'
import type { ArtifactStore } from './builds/ports.ts'
import { searchPathOf } from './builds/processes/machine.ts'
import { createUploadEnvReader } from './builds/uploads/upload-env.ts'
import type { Config, GithubApp, Role } from './config.ts'
import { createRollups } from './console/rollups/count-finished.ts'
import { connect, type Database } from './db/client.ts'
import { startCluster } from './db/embedded/cluster.ts'
import { createJobs } from './db/jobs.ts'
import { migrate } from './db/migrate.ts'
import { pingDatabase } from './db/ping.ts'
import { watchDatabase } from './db/watch-database.ts'
import { createVariablesReader } from './environments/variables-reader.ts'
import { createAppend } from './events/outbox.ts'
import { type Bell, createBell } from './executions/bell.ts'
import { heldExecutions } from './executions/cancel-queued.ts'
import { createLogWriter } from './executions/log-writer.ts'
import { createPayloads, type ExecutionCore } from './executions/payloads.ts'
import { createCallSweep } from './executions/sweep-calls.ts'
import { createWake } from './executions/wake.ts'
import { createExecutionWorker } from './executions/worker.ts'
import { createSweep } from './functions/sweep.ts'
import { githubIntake } from './github/deliveries/intake.ts'
import { githubTargets } from './github/reports/targets.ts'
import { loadApp } from './github/setup/app-settings.ts'
import { githubSetup } from './github/setup/routes.ts'
import { createImages } from './images/images.ts'
import { findIsolation } from './isolation/find-isolation.ts'
import type { Isolation } from './isolation/isolation.ts'
import type { Log } from './log.ts'
import { masterKeyOf } from './master-key.ts'
import { createProcessRunner } from './runner/process.ts'
import { type Service, startAll, stopAll } from './service.ts'
import { slackIntake } from './slack/intake.ts'
import { slackTargets } from './slack/targets.ts'
import { createWeb } from './web.ts'

export interface App {
  url: string
  /** The port it got; the configured one where this process serves no web. */
  port: number
  /** Where the GitHub App is set up, while there is none; with its key. */
  setupUrl: string | null
  stop(deadline: Date): Promise<void>
}

const connections = 20

interface Ground {
  config: Config
  log: Log
  masterKey: string
  databaseUrl: string
  database: Database
  core: ExecutionCore
  artifacts: ArtifactStore
  app: GithubApp | null
  bell: Bell
  isolation(): Promise<Isolation>
}

/** `onConfigured`: the GitHub App was set up by the page; start anew to use it. */
export async function createApp(
  config: Config,
  log: Log,
  roles: ReadonlySet<Role>,
  onConfigured: () => void,
): Promise<App> {
  await using starting = new AsyncDisposableStack()
  const cluster = config.databaseUrl ? null : await startCluster(config.dataDir)
  if (cluster) starting.defer(() => cluster.stop())
  const databaseUrl = config.databaseUrl ?? cluster?.url() ?? ''
  await migrate(databaseUrl)
  const database = connect(databaseUrl, { max: connections, name: 'sluice' })
  starting.defer(() => database.close())

  const jobs = createJobs(database, log)
  const targets = config.slack ? [githubTargets, slackTargets] : [githubTargets]
  const artifacts = createFolderStore(config.storage)
  const payloads = createPayloads(database.db, artifacts)
  const { db } = database
  const core: ExecutionCore = { db, pool: db, jobs, append: createAppend(jobs, targets), payloads }
  const masterKey = masterKeyOf(config, log)
  const app = config.github.app ?? (await loadApp(database.db, masterKey))
  let found: Promise<Isolation> | null = null
  const isolation = () => (found ??= findIsolation(config.isolation, searchPathOf(), log))
  const ground = {
    config,
    log,
    masterKey,
    databaseUrl,
    database,
    core,
    artifacts,
    app,
    isolation,
    bell: createBell(),
  }

  const setupKey = randomBytes(16).toString('hex')
  let url = config.url ?? ''
  const web = await createWeb(
    plugins(ground, setupKey, () => url, onConfigured),
    () => pingDatabase(database.db),
    log,
  )
  starting.defer(() => web.close())
  const listening = roles.has('web')
    ? await web.listen(config.host, config.port)
    : `http://${config.host}:${config.port}`
  url ||= listening

  const services = [{ name: 'jobs', start: jobs.start, stop: jobs.stop }, ...servicesOf(ground, roles, url)]
  await startAll(services)
  const running = starting.move()
  return {
    url,
    port: Number(new URL(listening).port || config.port),
    setupUrl: app ? null : `${url}/?key=${setupKey}`,
    async stop(deadline) {
      await stopAll(services, deadline)
      await running.disposeAsync()
    },
  }
}

function plugins(
  ground: Ground,
  setupKey: string,
  url: () => string,
  onConfigured: () => void,
): FastifyPluginAsync[] {
  const { config, core, log, masterKey, app, bell } = ground
  const { url: githubUrl, apiUrl } = config.github
  const setup = githubSetup({ db: core.db, masterKey, githubUrl, apiUrl, url, setupKey, onConfigured })
  return [
    githubIntake({ core, secret: app?.webhookSecret ?? null, log }),
    publicApi({ core, masterKey, log, ring: bell.ring }),
    lifecycleApi({
      core,
      ...{ masterKey, artifacts: ground.artifacts },
      oidc: { issuer: issuerOf(githubUrl), audience: url },
      log,
      ring: bell.ring,
    }),
    publishedSchema,
    consoleSide({ core, masterKey, config, app, url, wake: createWake(core.db, log, bell.ring), log }),
    ...(config.slack ? [slackIntake({ secret: config.slack.signingSecret, log })] : []),
    ...(app ? [] : [setup]),
  ]
}

function servicesOf(ground: Ground, roles: ReadonlySet<Role>, url: string): Service[] {
  const { config, core, log, masterKey, databaseUrl, app, artifacts, isolation } = ground
  const services: Service[] = []
  if (app) services.push(...gitSide({ config, core, log, app, masterKey, artifacts, isolation, roles, url }))
  if (roles.has('web'))
    services.push(
      createSweep({ core, executions: heldExecutions(core.payloads), artifacts, log }),
      createRollups(core.db, log),
    )
  if (roles.has('builder') && config.images)
    services.push(createImages({ db: core.db, artifacts, settings: config.images, log }))
  if (roles.has('worker'))
    services.push(createCallSweep({ core, artifacts, log }), watchDatabase(core.db, log))
  if (roles.has('worker')) {
    const variablesOf = createVariablesReader(core.db, masterKey)
    const uploadEnvOf = createUploadEnvReader(core.db, masterKey)
    const environmentFor = async (environmentId: string, versionId: string) => ({
      ...(await variablesOf(environmentId)),
      ...(await uploadEnvOf(versionId)),
      DEFER_TOKEN: runtimeToken(masterKey, environmentId),
      DEFER_ENDPOINT: url,
    })
    const output = createLogWriter(core.db, log)
    services.push(output)
    const runner = createProcessRunner({
      artifacts,
      folder: path.join(config.dataDir, 'runner'),
      concurrency: config.concurrency,
      environmentFor,
      isolation,
      log,
      keepLog: output.keep,
    })
    // Before anything is claimed: where isolation is required and not to be had, this refuses to start.
    services.push({ name: 'isolation', start: async () => void (await isolation()), stop: async () => {} })
    services.push(
      ...createExecutionWorker({ core, url: databaseUrl, runner, bell: ground.bell, config, log }),
    )
  }
  return services
}
