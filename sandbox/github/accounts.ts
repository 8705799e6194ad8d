// People, organisations and bots, and the tokens people call with.
import { randomBytes } from 'node:crypto'
import type { Account, AccountType, App } from './state.ts'
import { botLogin, findAccount, nextId, now, type World } from './world.ts'

export type NewAccount = {
  login: string
  name?: string
  email?: string
  members?: Record<string, 'admin' | 'member'>
}

/** Once per login: a restarted sandbox keeps what it stored. */
export function ensureAccount(world: World, type: AccountType, account: NewAccount): Account {
  const known = findAccount(world, account.login)
  if (known) {
    if (account.members) known.members = account.members
    return known
  }
  const added: Account = {
    id: nextId(world),
    login: account.login,
    type,
    name: account.name ?? account.login,
    email: account.email ?? `${account.login}@sandbox.test`,
    members: account.members ?? {},
    createdAt: now(),
  }
  world.state.accounts.push(added)
  return added
}

export function ensureBot(world: World, app: App): Account {
  const login = botLogin(app)
  return ensureAccount(world, 'Bot', { login, name: app.name, email: `${login}@users.noreply.sandbox.test` })
}

export function peopleOf(world: World): Account[] {
  return world.state.accounts.filter(account => account.type === 'User')
}

export function newToken(prefix: 'ghu_' | 'ghs_' | 'ghp_'): string {
  return prefix + randomBytes(27).toString('base64url').replace(/[-_]/g, 'x')
}

export function organizationsOf(world: World, login: string): Account[] {
  return world.state.accounts.filter(account => account.type === 'Organization' && account.members[login])
}
