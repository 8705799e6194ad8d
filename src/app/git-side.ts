// The services that need a GitHub App: deliveries, reports and commands (web), builds (builder).

import { createAlertWatch } from '../alerts/watch.ts'
import { rebuild } from '../builds/admission/rebuild.ts'
import { syncBranch } from '../builds/admission/sync-branch.ts'
import { syncPull } from '../builds/admission/sync-pull.ts'
import { stable } from '../builds/channel.ts'
import type { ArtifactStore, Source } from '../builds/ports.ts'
import { createPreviewSweep } from '../builds/previews/sweep-previews.ts'
import { rememberTrees } from '../builds/scope/trees.ts'
import { createBuildWatchdog } from '../builds/watchdog.ts'
import { createBuildWorker } from '../builds/worker.ts'
import { receivePress } from '../commands/press.ts'
import { receiveComment } from '../commands/receive.ts'
import { createCommands } from '../commands/worker.ts'
import type { Config, GithubApp, Role } from '../config.ts'
import { readVariables } from '../environments/variables.ts'
import { askedVia, type Core } from '../events/outbox.ts'
import { createReporting, type Reporter } from '../events/reporter.ts'
import { createGithub, type Github } from '../github/client/client.ts'
import { createTokenCache } from '../github/client/token-cache.ts'
import { createWriteTurns } from '../github/client/write-turns.ts'
import { createDeliveries } from '../github/deliveries/deliveries.ts'
import { handlers } from '../github/deliveries/webhooks.ts'
import { createReconciliation, reconcileSoon } from '../github/missed/reconcile.ts'
import { createRecovery } from '../github/missed/recover-deliveries.ts'
import { requestMergeChecks } from '../github/reports/checks/merge-queue.ts'
import { createRunsWatch } from '../github/reports/comments/watch-runs.ts'
import { githubReporters } from '../github/reports/reporters.ts'
import { createIsInTeam, createRoleOf } from '../github/role-of.ts'
import { createSource } from '../github/source/source.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'
import { createSlack } from '../slack/client.ts'
import { createSlackAlertReporter } from '../slack/report-alert.ts'
import { createSlackBuildReporter } from '../slack/report-build.ts'
import { createOtherBuilder } from './other-builder.ts'

interface Needs {
  config: Config
  core: Core
  log: Log
  app: GithubApp
  masterKey: string
  artifacts: ArtifactStore
  isolation(): Promise<Isolation>
  roles: ReadonlySet<Role>
  /** Where the console is reached. */
  url: string
}

export function gitSide(needs: Needs): Service[] {
  const { config, core, log, app, masterKey, artifacts, isolation, roles } = needs
  const { apiUrl, throttle } = config.github
  const shared = { tokens: createTokenCache(core.db, masterKey), turns: createWriteTurns(core.db) }
  const github = createGithub({ app, apiUrl, throttle, log, shared })
  const source = rememberTrees(createSource(github, config.github.url))
  const services: Service[] = []
  if (roles.has('web')) {
    services.push(
      deliveries(github, source, core, log),
      createRecovery({ core, asApp: github.asApp, poll: config.github.poll, log }),
      reconciliationOf(github, source, core, log),
      createReporting({ core, reporters: reporters(needs, github), log }),
      createAlertWatch(core, log),
      createCommands({
        core,
        source,
        roleOf: createRoleOf(github),
        isInTeam: createIsInTeam(github),
        secretsOf: async one => (await readVariables(core.db, masterKey, one)).secrets,
        log,
      }),
      createBuildWatchdog({ core, log }),
      createPreviewSweep({ core, log }),
      createRunsWatch({ db: core.db, jobs: core.jobs, log }),
    )
  }
  if (roles.has('builder'))
    services.push(createBuildWorker({ core, source, artifacts, config, isolation, masterKey, log }))
  // One that was started as another builder starts no further ones.
  if (config.channel === stable)
    services.push(...config.builders.map(builder => createOtherBuilder(builder, log)))
  return services
}

function deliveries(github: Github, source: Source, core: Core, log: Log): Service {
  const { probot, appId, octokitFor, asApp, forgetTokens } = github
  const deps = { core: askedVia(core, 'push'), source }
  const handle = handlers({
    db: core.db,
    jobs: core.jobs,
    log,
    appId,
    octokitFor,
    asApp,
    forgetTokens,
    syncBranch: input => syncBranch(deps, input),
    syncPull: input => syncPull(deps, input),
    rebuild: input => rebuild(core, input),
    requestMergeChecks: group => requestMergeChecks(core, group),
    receiveComment: comment => receiveComment(core, comment),
    receivePress: press => receivePress(core, press),
    reconcileSoon: () => reconcileSoon(core.db),
  })
  const loaded = probot.load(handle)
  const receive = async (event: Parameters<typeof probot.receive>[0]) => {
    await loaded
    await probot.receive(event)
  }
  return createDeliveries({ core, receive, log })
}

function reconciliationOf(
  { octokitFor, asApp, forgetTokens }: Github,
  source: Source,
  core: Core,
  log: Log,
): Service {
  const { db, jobs } = core
  const deps = { core, source }
  return createReconciliation({
    ...deps,
    installation: { db, jobs, octokitFor, asApp, forgetTokens, log },
    octokitFor,
    asApp,
    syncBranch: input => syncBranch(deps, input),
    syncPull: input => syncPull(deps, input),
    log,
  })
}

function reporters({ config, core, log, url }: Needs, github: Github): Record<string, Reporter> {
  const { db, jobs } = core
  return {
    ...githubReporters({ db, jobs, github, log, url: config.github.url }),
    ...slackReporters(config, db, url),
  }
}

function slackReporters(config: Config, db: Core['db'], url: string): Record<string, Reporter> {
  if (!config.slack) return {}
  const deps = { db, slack: createSlack(config.slack), channel: config.slack.channel }
  return {
    'slack-build': createSlackBuildReporter(deps),
    'slack-alert': createSlackAlertReporter({ ...deps, url }),
  }
}
