// The sample world every sandbox starts with: an organisation and people with one role each. The roles are given on
// each repository, because that is where GitHub keeps them.
import type { Role } from './github/state.ts'

export const organization = 'acme'

export const people = [
  { login: 'alice', name: 'Alice Adams', role: 'administrator of acme' },
  { login: 'max', name: 'Max Maintain', role: 'maintains repositories' },
  { login: 'walt', name: 'Walt Write', role: 'writes' },
  { login: 'rita', name: 'Rita Read', role: 'reads only' },
  { login: 'mallory', name: 'Mallory', role: 'a stranger' },
] as const

/** What `createRepository` is given as collaborators. */
export const collaborators: Record<string, Role> = { max: 'maintain', walt: 'write', rita: 'read' }

export const app = {
  slug: 'sluice-sandbox',
  name: 'Sluice',
  permissions: {
    metadata: 'read',
    contents: 'read',
    checks: 'write',
    deployments: 'write',
    pull_requests: 'write',
    issues: 'write',
    actions: 'read',
    merge_queues: 'read',
    members: 'read',
  },
  events: [
    'push',
    'pull_request',
    'issue_comment',
    'commit_comment',
    'check_run',
    'check_suite',
    'merge_group',
    'create',
    'delete',
    'repository',
    'installation_target',
  ],
}
