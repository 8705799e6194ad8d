// Who may, asked of the local GitHub itself: roles, roles that an organisation made, teams within teams, and what happens when
// GitHub does not say.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { app } from '../../sandbox/sample.ts'
import { repositories } from '../../src/db/schema.ts'
import { createGithub } from '../../src/github/client/client.ts'
import { createIsInTeam, createRoleOf } from '../../src/github/role-of.ts'
import { setup } from '../support/commenting.ts'
import { createWorld, log, type World } from '../support/github-world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const rules = 'commands: { pause: maintain, archive: admin or team:acme/engineering }'
const collaborators = { max: 'maintain', walt: 'write', rita: 'read' } as const

function newGithub() {
  const { app: settings, apiUrl, throttle } = world.config.github
  if (!settings) throw new Error('the sandbox gave no App')
  return createGithub({ app: settings, apiUrl, throttle, log })
}

/** A repository of its own, which the local GitHub has as well. */
async function shop() {
  const made = await setup(world.db, { file: rules })
  const { name, id } = made.repository
  const { fullName } = await world.sandbox.github.createRepository({
    ...{ owner: 'acme', name, private: true, collaborators },
  })
  const { installationId } = world
  await world.db.update(repositories).set({ installationId }).where(eq(repositories.id, id))
  Object.assign(made.deps, {
    roleOf: createRoleOf(world.github),
    isInTeam: createIsInTeam(world.github),
  })
  const codes = async (line: string, actors: string[]) => {
    const said: (string | null)[] = []
    for (const actor of actors) said.push((await made.one(line, { actor })).reasonCode)
    return said
  }
  return { ...made, fullName, codes }
}

test('M15: maintain passes where maintain is needed and write does not, although GitHub folds both into write', async () => {
  const { codes } = await shop()
  expect(await codes('/pause hello', ['rita', 'walt', 'max', 'mallory'])).toEqual([
    ...['permission_denied', 'permission_denied', 'paused', 'permission_denied'],
  ])
})

test('M15: a role that the organisation made counts as what it allows, whatever its name says', async () => {
  const { codes, fullName, one } = await shop()
  world.sandbox.github.nameRole(fullName, 'max', 'Release manager')
  world.sandbox.github.nameRole(fullName, 'walt', 'Maintainers and admins')
  expect(await codes('/pause hello', ['walt', 'max'])).toEqual(['permission_denied', 'paused'])
  expect((await one('/pause mail', { actor: 'walt' })).reply).toContain('has **write**')
})

describe('a team that the repository file names', () => {
  beforeEach(() => {
    const { github } = world.sandbox
    github.team('acme', { slug: 'engineering', parent: null, members: { walt: 'pending' } })
    github.team('acme', { slug: 'platform', parent: 'engineering', members: {} })
    github.team('acme', { slug: 'on-call', parent: 'platform', members: { rita: 'member' } })
    github.team('acme', { slug: 'sales', parent: null, members: { max: 'maintainer' } })
  })

  test('M13: lets in who is in it or in a team below it, and nobody else', async () => {
    const { codes, fullName } = await shop()
    expect(fullName).toMatch(/^acme/)
    expect(await codes('/archive hello', ['max', 'walt', 'mallory', 'rita'])).toEqual([
      ...['permission_denied', 'permission_denied', 'permission_denied', 'archived'],
    ])
    world.sandbox.github.team('acme', { slug: 'on-call', parent: 'platform', members: {} })
    expect(await codes('/archive mail', ['rita'])).toEqual(['permission_denied'])
  })

  test('M13: lets nobody in while the App was not granted to see members, and says that it could not check', async () => {
    const { github } = world.sandbox
    const { codes, one, deps } = await shop()
    const { members: _members, ...others } = app.permissions
    github.grant(others)
    // Its tokens are as old as it is: none was made before.
    Object.assign(deps, { isInTeam: createIsInTeam(newGithub()) })
    const refused = await one('/archive hello', { actor: 'rita' })
    expect(refused).toMatchObject({ state: 'refused', reasonCode: 'permission_unknown' })
    expect(refused.reply).toContain('could not check')
    github.grant(app.permissions)
    Object.assign(deps, { isInTeam: createIsInTeam(newGithub()) })
    expect(await codes('/archive hello', ['rita'])).toEqual(['archived'])
  })
})
