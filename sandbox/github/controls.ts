// What a test or a demo does to this GitHub from outside: make repositories, install the App, press buttons, break
// things. A repository is named `owner/name`; a login left out means the account's administrator.
import { pressButton, rerequestRun } from './check-runs.ts'
import { rerequestSuite } from './check-suites.ts'
import {
  chooseRepositories,
  findInstallation,
  installApp,
  repositoriesOf,
  suspend,
  uninstall,
  unsuspend,
} from './installations.ts'
import { enqueuePull, leaveQueue, mergeGroup } from './merge-queue.ts'
import {
  createRepository,
  deleteRepository,
  type NewRepository,
  ownerLogin,
  renameRepository,
  transferRepository,
} from './repositories.ts'
import { redeliver } from './rest/hook.ts'
import type { App, CheckRun, Installation, Permissions, QueueEntry, Repository, Team } from './state.ts'
import { latestRuns } from './suite-result.ts'
import { ensureTeam } from './teams.ts'
import type { Delivery } from './webhooks/deliveries.ts'
import { appById, directoryOf, fullName, isPull, repositoryNamed, type World } from './world.ts'

export type CreatedRepository = { id: number; fullName: string; cloneUrl: string; dir: string }

export type Controls = ReturnType<typeof controlsOf>

export function controlsOf(world: World, appId: number) {
  return {
    faults: world.faults,
    calls: world.calls,
    ...repositoryControls(world),
    ...installationControls(world, () => appById(world, appId)),
    ...checkControls(world),
    ...queueControls(world),
    ...webhookControls(world, () => appById(world, appId)),
  }
}

function repositoryControls(world: World) {
  const named = (full: string) => repositoryNamed(world, full)
  return {
    async createRepository(wanted: NewRepository): Promise<CreatedRepository> {
      return describe(world, await createRepository(world, wanted))
    },
    /** For a restarted sandbox: null when it does not exist yet. */
    repository(full: string): CreatedRepository | null {
      const found = world.state.repositories.find(repository => fullName(repository) === full)
      return found ? describe(world, found) : null
    },
    renameRepository(full: string, name: string, login?: string): void {
      renameRepository(world, named(full), name, login ?? ownerLogin(world, named(full)))
    },
    transferRepository(full: string, owner: string, login?: string): void {
      transferRepository(world, named(full), owner, login ?? ownerLogin(world, named(full)))
    },
    /** Makes a team, or says anew who is in it. */
    team(organization: string, team: Team): void {
      ensureTeam(world, organization, team)
    },
    /** What the organisation calls somebody's role in the repository; what it allows stays the collaborator's. */
    nameRole(full: string, login: string, name: string): void {
      named(full).customRoles = { ...named(full).customRoles, [login]: name }
      world.save()
    },
    deleteRepository(full: string, login?: string): void {
      deleteRepository(world, named(full), login ?? ownerLogin(world, named(full)))
    },
  }
}

function describe(world: World, repository: Repository): CreatedRepository {
  const full = fullName(repository)
  const cloneUrl = `${world.url}/${full}.git`
  return { id: repository.id, fullName: full, cloneUrl, dir: directoryOf(world, repository) }
}

function installationControls(world: World, app: () => App) {
  const named = (fulls: string[]) => fulls.map(full => repositoryNamed(world, full))
  const installed = (account: string): Installation => {
    const found = findInstallation(world, app(), account)
    if (!found) throw new Error(`${app().name} is not installed on ${account}`)
    return found
  }
  return {
    /** On all repositories, or on those named `owner/name`. Returns the installation's id. */
    install(account: string, repositories?: string[], login?: string): number {
      const chosen = repositories ? named(repositories) : null
      return installApp(world, app(), account, chosen, login).id
    },
    installationId: (account: string) => findInstallation(world, app(), account)?.id ?? null,
    uninstall: (account: string, login?: string) => uninstall(world, installed(account), login),
    suspend: (account: string, login?: string) => suspend(world, installed(account), login),
    unsuspend: (account: string, login?: string) => unsuspend(world, installed(account), login),
    addRepositories(account: string, repositories: string[], login?: string): void {
      const installation = installed(account)
      const present = repositoriesOf(world, installation)
      chooseRepositories(world, installation, [...new Set([...present, ...named(repositories)])], login)
    },
    removeRepositories(account: string, repositories: string[], login?: string): void {
      const installation = installed(account)
      const gone = named(repositories)
      const left = repositoriesOf(world, installation).filter(repository => !gone.includes(repository))
      chooseRepositories(world, installation, left, login)
    },
  }
}

function checkControls(world: World) {
  const runOf = (full: string, id: number): CheckRun => {
    const run = repositoryNamed(world, full).checkRuns.find(candidate => candidate.id === id)
    if (!run) throw new Error(`${full} has no check run ${id}`)
    return run
  }
  return {
    /** The newest run of each name on the commit. */
    checkRuns(full: string, sha: string): CheckRun[] {
      return structuredClone(
        latestRuns(repositoryNamed(world, full).checkRuns.filter(run => run.headSha === sha)),
      )
    },
    pressButton(full: string, checkRunId: number, identifier: string, login: string): void {
      pressButton(world, repositoryNamed(world, full), runOf(full, checkRunId), identifier, login)
    },
    rerunCheck(full: string, checkRunId: number, login: string): void {
      rerequestRun(world, repositoryNamed(world, full), runOf(full, checkRunId), login)
    },
    /** "Re-run all" and "Re-run failed": GitHub asks the whole suite again in both cases. */
    async rerunSuite(full: string, sha: string, login: string): Promise<void> {
      const repository = repositoryNamed(world, full)
      const suites = repository.checkSuites.filter(suite => suite.headSha === sha)
      for (const suite of suites) await rerequestSuite(world, repository, suite, login)
    },
  }
}

function queueControls(world: World) {
  const entryOf = (full: string, number: number): QueueEntry => {
    const found = repositoryNamed(world, full).mergeQueue.find(entry => entry.number === number)
    if (!found) throw new Error(`Pull request ${number} is not in the merge queue of ${full}`)
    return found
  }
  return {
    /** Puts the pull request into the merge queue; returns the commit its checks must be reported on. */
    async enqueue(full: string, number: number, login: string): Promise<string> {
      const repository = repositoryNamed(world, full)
      const issue = repository.issues.find(candidate => candidate.number === number)
      if (!issue || !isPull(issue)) throw new Error(`${full} has no pull request ${number}`)
      return (await enqueuePull(world, repository, issue, login)).headSha
    },
    mergeQueued: (full: string, number: number) =>
      mergeGroup(world, repositoryNamed(world, full), entryOf(full, number)),
    dequeue: (full: string, number: number) =>
      leaveQueue(world, repositoryNamed(world, full), entryOf(full, number), 'dequeued'),
  }
}

function webhookControls(world: World, app: () => App) {
  return {
    /** What the App was granted; tokens made before keep what they had. */
    grant(permissions: Permissions): void {
      app().permissions = permissions
      world.save()
    },
    setWebhookUrl(url: string | null): void {
      app().webhookUrl = url
      world.save()
    },
    settled: () => world.deliveries.settled(),
    /** Newest first. */
    deliveries: (): Delivery[] => world.deliveries.recorded(),
    redeliver(id: number): void {
      const delivery = world.deliveries.recorded().find(candidate => candidate.id === id)
      if (!delivery) throw new Error(`There is no delivery ${id}`)
      redeliver(world, delivery)
    },
  }
}
