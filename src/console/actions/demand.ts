// Whether somebody may do what they ask: by the rules of the commands and the repository file, with the role that GitHub says now.
import { isAtLeast, roleNeeded } from '../../commands/permissions.ts'
import { type Role, rolesInOrder } from '../../environments/repository-file.ts'
import { repositoryFileOf } from '../../environments/store.ts'
import { AppError } from '../../errors.ts'
import type { Console, InEnvironment, InRepository } from '../context.ts'
import type { Rule } from './action.ts'

/** @throws AppError `forbidden`. */
export async function demand({ rights }: Console, visit: InEnvironment, rule: Rule): Promise<void> {
  const { environment, repository, person } = visit
  const needed = roleNeeded(rule, environment.kind === 'preview', repositoryFileOf(repository))
  const role = await rights.roleNow(repository, person.login)
  if (isAtLeast(role, needed.role)) return
  for (const team of needed.teams) if (await rights.isInTeam(repository, team, person.login)) return
  const teams = needed.teams.map(team => ` or the team \`${team}\``).join('')
  throw new AppError(
    'forbidden',
    `This takes the role **${needed.role}**${teams} on **${environment.name}**; you have **${role}**. The rule: ${needed.rule}. Nothing was changed.`,
  )
}

/** Of what no command does. @throws AppError `forbidden`. */
export async function demandRole(
  { rights }: Console,
  { repository, person }: InRepository,
  needed: Role,
): Promise<void> {
  const role = await rights.roleNow(repository, person.login)
  if (rolesInOrder.indexOf(role) >= rolesInOrder.indexOf(needed)) return
  throw new AppError(
    'forbidden',
    `This takes the role **${needed}** on the repository; you have **${role}**. Nothing was changed.`,
  )
}
