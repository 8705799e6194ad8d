// Small decisions at GitHub's door: which events are heard, what a role is, what an error of the API means.
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { explain, statusOf } from '../../src/github/client/api-error.ts'
import type { Octokit } from '../../src/github/client/client.ts'
import { Push, read } from '../../src/github/deliveries/payloads.ts'
import { isHeard } from '../../src/github/deliveries/webhooks.ts'
import { createIsInTeam, readRole } from '../../src/github/role-of.ts'

test.each([
  ['push', null, true],
  ['pull_request', 'opened', true],
  ['pull_request', 'labeled', false],
  ['pull_request', null, false],
  ['issue_comment', 'created', true],
  ['issue_comment', 'edited', false],
  ['issue_comment', 'deleted', false],
  ['commit_comment', 'created', true],
  ['commit_comment', 'edited', false],
  ['installation', 'suspend', true],
  ['check_run', 'completed', false],
  ['toString', null, false],
  ['__proto__', null, false],
  ['star', 'created', false],
])('M10: %s with action %s is heard: %s', (event, action, heard) => {
  expect(isHeard(event, action)).toBe(heard)
})

describe('a role', () => {
  const permissions = { admin: false, maintain: false, push: false, triage: false, pull: true }
  test.each([
    [{ permission: 'write', role_name: 'maintain' }, 'maintain'],
    [{ permission: 'write', role_name: 'write' }, 'write'],
    [{ permission: 'read', role_name: 'triage' }, 'triage'],
    [
      {
        permission: 'write',
        role_name: 'Release manager',
        user: { permissions: { ...permissions, push: true } },
      },
      'write',
    ],
    [
      {
        permission: 'write',
        role_name: 'Lead',
        user: { permissions: { ...permissions, push: true, maintain: true } },
      },
      'maintain',
    ],
    [{ permission: 'read', user: { permissions: { ...permissions, triage: true } } }, 'triage'],
    [{ permission: 'admin' }, 'admin'],
    [{ permission: 'something new' }, 'none'],
    [{ permission: 'none', role_name: 'none' }, 'none'],
  ])('M15: %j is %s', (level, role) => {
    expect(readRole(level)).toBe(role)
  })
})

describe('an error of the API', () => {
  const httpError = (status: number, message = 'no') =>
    Object.assign(new Error(message), { name: 'HttpError', status })
  test.each([
    [401, 'Bad credentials', 'unavailable'],
    [403, 'You have exceeded a secondary rate limit', 'unavailable'],
    [403, 'This installation has been suspended', 'forbidden'],
    [403, 'Resource not accessible by integration', 'forbidden'],
    [404, 'Not Found', 'unavailable'],
    [410, 'Gone', 'not_found'],
    [422, 'Validation Failed', 'invalid'],
    [429, 'Too many', 'unavailable'],
    [500, 'Server Error', 'unavailable'],
  ])('%i (%s) is %s', (status, message, code) => {
    expect(explain(httpError(status, message), 'Trying')).toMatchObject({
      code,
      message: expect.stringContaining('Trying'),
    })
  })

  test('is told from errors of our own, which stay as they are', () => {
    const ours = new AppError('not_found', 'no such function')
    expect(statusOf(ours)).toBeNull()
    expect(explain(ours, 'Trying')).toBe(ours)
  })
})

test('a payload that is not what GitHub documents is refused by its field, and its value is not repeated', () => {
  const refused = () => read(Push, { ref: 'refs/heads/main', deleted: 'a stranger’s words' })
  expect(refused).toThrow(/installation.*repository.*deleted/)
  expect(refused).not.toThrow(/stranger/)
})

describe('members of a team', () => {
  const shop = { id: 1, installationId: 2, owner: 'Acme', name: 'shop' }
  const answering = (answer: () => Promise<unknown>) => {
    const asked: unknown[] = []
    const getMembershipForUserInOrg = (parameters: unknown) => {
      asked.push(parameters)
      return answer()
    }
    const octokit = { rest: { teams: { getMembershipForUserInOrg } } } as unknown as Octokit
    return { asked, isInTeam: createIsInTeam({ octokitFor: async () => octokit }) }
  }
  const failing = (status: number) => () =>
    Promise.reject(Object.assign(new Error('no'), { name: 'HttpError', status }))

  test.each([
    ['active', async () => ({ data: { state: 'active' } }), true],
    ['invited only', async () => ({ data: { state: 'pending' } }), false],
    ['not there', failing(404), false],
  ])('%s', async (_what, answer, expected) => {
    const { asked, isInTeam } = answering(answer)
    expect(await isInTeam(shop, 'acme/leads', 'rita')).toBe(expected)
    expect(asked).toEqual([{ org: 'acme', team_slug: 'leads', username: 'rita' }])
  })

  test('M13: an error is no answer, and a team of others is not asked for', async () => {
    await expect(answering(failing(403)).isInTeam(shop, 'acme/leads', 'rita')).rejects.toThrow('403')
    const { asked, isInTeam } = answering(async () => ({ data: { state: 'active' } }))
    expect(await isInTeam(shop, 'elsewhere/leads', 'rita')).toBe(false)
    expect(asked).toEqual([])
  })
})
