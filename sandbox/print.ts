// What a person sees when a sandbox has started: where it is, who they may be, how to clone. Pure.

import { cloneUrl } from './github/clone-url.ts'
import type { Sandbox } from './start.ts'

export function printSandbox(sandbox: Sandbox, repositories: string[] = []): string {
  const width = Math.max(...sandbox.users.map(user => user.login.length))
  const [alice] = sandbox.users
  const clones = repositories.map(full =>
    alice ? `  git clone ${cloneUrl(sandbox.github.url, full, alice)}` : '',
  )
  return [
    `GitHub  ${sandbox.github.url}`,
    `Slack   ${sandbox.slack.url}`,
    '',
    'People (the token is the password for git and for the API)',
    ...sandbox.users.map(user => `  ${user.login.padEnd(width)}  ${user.token}  ${user.role}`),
    ...(clones.length > 0 ? ['', 'Clone', ...clones] : []),
  ].join('\n')
}
