// The running GitHub as its parts see it: the stored state, the addresses, where webhooks go. Every operation takes
// it as its first argument; nothing is kept in modules.
import { join } from 'node:path'
import { need } from '../http/reply.ts'
import type { Calls } from './calls.ts'
import type { Faults } from './faults.ts'
import type { Account, App, Installation, PullIssue, Repository, State } from './state.ts'
import type { Deliveries } from './webhooks/deliveries.ts'

export type World = {
  dir: string
  url: string
  apiUrl: string
  state: State
  deliveries: Deliveries
  faults: Faults
  calls: Calls
  save(): void
}

export function nextId(world: World): number {
  world.state.sequence += 1
  return world.state.sequence
}

export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()

export function findAccount(world: World, login: string): Account | undefined {
  return world.state.accounts.find(account => same(account.login, login))
}

export function accountByEmail(world: World, email: string): Account | undefined {
  return world.state.accounts.find(account => same(account.email, email))
}

export const botLogin = (app: App) => `${app.slug}[bot]`

export function appById(world: World, id: number): App {
  return need(world.state.apps.find(app => app.id === id))
}

export const fullName = (repository: Repository) => `${repository.owner}/${repository.name}`

/** By its present name only; whoever serves addresses also knows `formerNames`. */
export function findRepository(world: World, full: string): Repository | undefined {
  return world.state.repositories.find(repository => same(fullName(repository), full))
}

export function repositoryNamed(world: World, full: string): Repository {
  return need(findRepository(world, full), 404, `There is no repository ${full} in this sandbox`)
}

export function repositoryById(world: World, id: number): Repository {
  return need(world.state.repositories.find(repository => repository.id === id))
}

export function directoryOf(world: World, repository: Repository): string {
  return join(world.dir, 'repositories', `${repository.id}.git`)
}

export function isPull(issue: { pull: unknown }): issue is PullIssue {
  return issue.pull !== null
}

export function pullsOf(repository: Repository): PullIssue[] {
  return repository.issues.filter(isPull)
}

export function covers(installation: Installation, repository: Repository): boolean {
  if (installation.account !== repository.owner) return false
  return installation.repositories === null || installation.repositories.includes(repository.id)
}

/** Installations that may see the repository now; suspended ones may not. */
export function installationsOf(world: World, repository: Repository): Installation[] {
  return world.state.installations.filter(
    installation => installation.suspendedAt === null && covers(installation, repository),
  )
}
