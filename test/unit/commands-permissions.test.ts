import { describe, expect, test } from 'vitest'
import { decide, effectiveRole, roleNeeded } from '../../src/commands/permissions.ts'
import { commandNames, findCommand } from '../../src/commands/registry.ts'
import { parseRepositoryFile, type Role, rolesInOrder } from '../../src/environments/repository-file.ts'

function fileWith(commands: string) {
  const parsed = parseRepositoryFile(commands ? `commands: { ${commands} }` : '')
  if ('problems' in parsed) throw new Error(parsed.problems[0]?.message)
  return parsed.file
}

function command(name: string) {
  const found = findCommand(name)
  if (!found) throw new Error(`no command ${name}`)
  return found
}

const production = { name: 'production', kind: 'branch' as const }
const preview = { name: 'pr-7', kind: 'preview' as const }
const asked = { memberOf: [], actor: 'bob', onClosedPull: false, file: fileWith('') }

/** The roles that may, by what decide says of each. */
function mayDo(name: string, environment: typeof production | typeof preview | null, commands = ''): Role[] {
  return rolesInOrder.filter(
    role =>
      decide({ ...asked, file: fileWith(commands), command: command(name), environment, role }) === null,
  )
}
const from = (role: Role) => rolesInOrder.slice(rolesInOrder.indexOf(role))

describe('by default', () => {
  test.each([
    ['help', 'read', 'read'],
    ['status', 'read', 'read'],
    ['retry', 'write', 'write'],
    ['rollback', 'maintain', 'maintain'],
    ['pause', 'maintain', 'maintain'],
    ['resume', 'maintain', 'maintain'],
    ['archive', 'write', 'admin'],
    ['restore', 'write', 'admin'],
    ['delete', 'write', 'admin'],
    ['cancel-deletion', 'write', 'admin'],
    ['drain', 'maintain', 'maintain'],
    ['deploy', 'write', 'maintain'],
    ['approve', 'write', 'write'],
    ['promote', 'maintain', 'maintain'],
    ['logs', 'write', 'write'],
  ] as const)('/%s needs %s on a preview and %s on another environment', (name, onPreview, onNamed) => {
    expect(mayDo(name, preview)).toEqual(from(onPreview))
    expect(mayDo(name, production)).toEqual(from(onNamed))
    expect(mayDo(name, null), 'before the target is known, the lower decides').toEqual(from(onPreview))
  })

  test('none that builds or runs code can be given to less than write', () => {
    for (const name of ['deploy', 'approve', 'promote'])
      expect(mayDo(name, production, `${name}: read`)).toEqual(from('write'))
  })

  test('every command is in this table, and has a rule in the repository file', () => {
    const ruled = commandNames.filter(name => name !== 'help')
    const file = fileWith(ruled.map(name => `${name}: admin`).join(', '))
    expect(Object.keys(file.commands.roles).sort()).toEqual([...ruled].sort())
    expect(commandNames).toHaveLength(15)
  })
})

describe('the repository file', () => {
  test.each([
    ['raises a role', 'pause: admin', 'pause', 'admin'],
    ['lowers one', 'rollback: write', 'rollback', 'write'],
    ['says nothing of the others', 'rollback: write', 'pause', 'maintain'],
    ['lets cancelling follow a lowered delete', 'delete: maintain', 'cancel-deletion', 'maintain'],
    [
      'cannot make cancelling harder than deleting',
      'delete: maintain, cancel-deletion: admin',
      'cancel-deletion',
      'maintain',
    ],
    ['can make it easier', 'cancel-deletion: write', 'cancel-deletion', 'write'],
  ] as const)('%s', (_name, commands, name, role) => {
    expect(mayDo(name, production, commands)).toEqual(from(role))
  })

  test('means previews too', () => {
    expect(mayDo('delete', preview, 'delete: admin')).toEqual(['admin'])
  })
})

describe('teams in the repository file', () => {
  const file = fileWith('pause: admin or team:acme/on-call or team:acme/leads')
  const pause = { ...asked, file, command: command('pause'), environment: production, role: 'read' as const }

  test('may what their rule says, whatever the role; others need the role', () => {
    expect(decide({ ...pause, memberOf: ['acme/leads'] })).toBeNull()
    expect(decide({ ...pause, memberOf: ['acme/others'] })?.message).toContain(
      '**admin** or the team `acme/on-call` or the team `acme/leads`',
    )
    expect(decide({ ...pause, memberOf: ['acme/leads'], role: null })?.code).toBe('permission_unknown')
    expect(decide({ ...pause, command: command('resume'), memberOf: ['acme/leads'] })).not.toBeNull()
  })

  test('that may delete may cancel it', () => {
    const rules = fileWith('delete: admin or team:acme/leads')
    const cancel = { ...pause, file: rules, command: command('cancel-deletion'), memberOf: ['acme/leads'] }
    expect(decide(cancel)).toBeNull()
  })

  test.each(['team:acme/leads', 'owner', 'admin or acme/leads', 'admin or team:leads', 'admin, team:a/b'])(
    'are not named as %j',
    rule => {
      expect(parseRepositoryFile(`commands: { pause: "${rule}" }`)).toMatchObject({
        problems: [{ message: expect.stringContaining('must be a role') }],
      })
    },
  )
})

describe('a refusal', () => {
  test('M14: names the role needed, the role there is, and where the rule lives', () => {
    const refusal = decide({ ...asked, command: command('rollback'), environment: production, role: 'write' })
    expect(refusal).toMatchObject({ kind: 'refused', code: 'permission_denied' })
    for (const part of [
      '`/rollback`',
      '**production**',
      '**maintain**',
      '`bob`',
      '**write**',
      '.github/sluice.yml',
    ])
      expect(refusal?.message).toContain(part)
  })

  test('says which line of the repository file it is, if it is one', () => {
    const file = fileWith('pause: admin')
    const refusal = decide({
      ...asked,
      file,
      command: command('pause'),
      environment: production,
      role: 'maintain',
    })
    expect(refusal?.message).toContain('The rule: `commands.pause` in `.github/sluice.yml`')
    expect(roleNeeded(command('pause'), false, fileWith('')).rule).toContain('the default')
  })

  test('M13: says that it could not check, when it could not, and is no denial', () => {
    const refusal = decide({ ...asked, command: command('help'), environment: null, role: null })
    expect(refusal).toMatchObject({ kind: 'refused', code: 'permission_unknown' })
    expect(refusal?.message).toContain('could not check')
    expect(refusal?.message).not.toMatch(/denied|may not/)
  })
})

test('on a closed pull request only those are obeyed that say so', () => {
  const rules = { ...command('pause'), onClosedPull: false }
  const closed = { ...asked, environment: production, role: 'admin' as const, onClosedPull: true }
  expect(decide({ ...closed, command: rules })).toMatchObject({ code: 'pull_request_closed' })
  expect(decide({ ...closed, command: rules, onClosedPull: false })).toBeNull()
  expect(decide({ ...closed, command: command('pause') })).toBeNull()
})

test('who is nobody may read a public repository, and nothing of a private one', () => {
  expect(effectiveRole('none', false)).toBe('read')
  expect(effectiveRole('none', true)).toBe('none')
  expect(effectiveRole('write', false)).toBe('write')
})
