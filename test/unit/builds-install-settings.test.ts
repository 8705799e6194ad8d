import { describe, expect, test } from 'vitest'
import { isOutdated, isUnreachable, toRegistry } from '../../src/builds/installing/install-command.ts'
import { namesRegistry, usableSettings } from '../../src/builds/installing/install-settings.ts'
import { isMember } from '../../src/builds/installing/install-workspaces.ts'

describe('a project’s settings name no program and no place', () => {
  test('Yarn 2 and later', () => {
    const text = `yarnPath: .yarn/releases/yarn-4.cjs
plugins:
  - path: .yarn/plugins/evil.cjs
npmScopes:
  acme:
    npmRegistryServer: "https://example.com"

cacheFolder: /etc
"enableScripts": true
`
    expect(usableSettings('apps/.yarnrc.yml', text)).toBe(
      'npmScopes:\n  acme:\n    npmRegistryServer: "https://example.com"\n',
    )
  })

  test('Yarn 1', () => {
    const text = 'yarn-path "./evil.js"\n"@acme:registry" "https://example.com"\n--modules-folder "/etc"\n'
    expect(usableSettings('.yarnrc', text)).toBe('"@acme:registry" "https://example.com"')
  })

  test('Bun', () => {
    const text = '[install]\nregistry = "https://example.com"\n[install.security]\nscanner = "evil"\n'
    expect(usableSettings('bunfig.toml', text)).not.toContain('evil')
  })
})

test.each([
  ['registry=https://example.com', true],
  ['registry "https://example.com"', true],
  ['npmRegistryServer: "https://example.com"', true],
  ['[install]\nregistry = "https://example.com"', true],
  ['@acme:registry=https://example.com', false],
  ['packages:\n  - packages/*', false],
])('%j names a registry of its own: %s', (text, named) => {
  expect(namesRegistry(text)).toBe(named)
})

test.each([
  ['packages/a', ['packages/*'], true],
  ['packages/a', ['./packages/*/'], true],
  ['packages/a/b', ['packages/*'], false],
  ['packages/a/b', ['packages/**'], true],
  ['packages/a', ['packages/*', '!packages/a'], false],
  ['packages/a', [], false],
  ['lib', ['lib'], true],
])('%s is a member of %j: %s', (folder, patterns, member) => {
  expect(isMember(folder, patterns)).toBe(member)
})

test('addresses of the default registry in a lockfile of Yarn 1 lead to the registry in use, others stay', () => {
  const lock = (host: string) =>
    `"@acme/a@1":\n  resolved "https://npm.acme.example/@acme/a/-/a-1.0.0.tgz#bb"\n\n"@types/b@1":\n  resolved "${host}/@types/b/-/b-1.0.0.tgz#cc"\n\nzod@4:\n  resolved "${host}/zod/-/zod-4.0.0.tgz#aa"\n`
  const used = 'https://mirror.example/npm'
  for (const host of ['https://packages.example', 'https://old.example:8080/npm'])
    expect(toRegistry(lock(host), used)).toBe(lock(used))
  const none = '"@acme/a@1":\n  resolved "https://npm.acme.example/@acme/a/-/a-1.0.0.tgz#bb"\n'
  expect(toRegistry(none, used)).toBe(none)
})

describe('what a manager’s last words mean', () => {
  test.each([
    'error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.',
    '➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.',
    ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"',
    'error: lockfile had changes, but lockfile is frozen',
  ])('%s: outdated', text => {
    expect([isOutdated(text), isUnreachable(text)]).toEqual([true, false])
  })

  test.each([
    'npm error code E503',
    'npm error code ENOTFOUND',
    'error An unexpected error occurred: "getaddrinfo EAI_AGAIN example.com".',
    ' ERR_PNPM_FETCH_502  GET',
    'error: ConnectionRefused downloading package manifest zod',
    'Response Code: 503 (Service Unavailable)',
  ])('%s: unreachable', text => {
    expect([isOutdated(text), isUnreachable(text)]).toEqual([false, true])
  })

  test.each(['npm error code ETARGET', ' ERR_PNPM_FETCH_404  GET', 'error: zod@99 failed to resolve'])(
    '%s: neither',
    text => {
      expect([isOutdated(text), isUnreachable(text)]).toEqual([false, false])
    },
  )
})
