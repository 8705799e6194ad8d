import { describe, expect, test } from 'vitest'
import { isOutdated, isUnreachable, toRegistry } from '../../src/builds/installing/install-command.ts'
import { namesRegistry, usableSettings, withVariables } from '../../src/builds/installing/install-settings.ts'
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

describe('variables in settings', () => {
  const has = new Set(['NPM_TOKEN'])

  test.each([
    ['.npmrc', `//r.example/:_authToken=\${NPM_TOKEN}\n@acme:registry=https://r.example/`],
    ['.yarnrc.yml', `npmScopes:\n  acme:\n    npmAuthToken: "\${NPM_TOKEN}"`],
    ['bunfig.toml', 'acme = { token = "$NPM_TOKEN", url = "https://r.example" }'],
    ['.npmrc', `//r.example/:_authToken=\${NPM_TOKEN:-none}`],
  ])('of the environment stay for the manager to fill in: %s %#', (file, text) => {
    expect(withVariables(file, text, has)).toEqual({ text, missing: [] })
  })

  test.each([
    ['.npmrc', `a=1\n//evil.example/:_authToken=\${DATABASE_URL}\nb=2`, 'a=1\nb=2', 'DATABASE_URL'],
    ['.npmrc', `a=1\nx=\${HTTPS_PROXY}\${NPM_TOKEN}\nb=2`, 'a=1\nb=2', 'HTTPS_PROXY'],
    ['bunfig.toml', 'a = 1\ntoken = "$AWS_SECRET"\nb = 2', 'a = 1\nb = 2', 'AWS_SECRET'],
    ['apps/x/.yarnrc.yml', `a: 1\nt: \${OTHER}\nb: 2`, 'a: 1\nb: 2', 'OTHER'],
  ])('of ours are never filled in: the line goes, and is told (%s %#)', (file, text, left, name) => {
    expect(withVariables(file, text, has)).toEqual({ text: left, missing: [{ line: 2, name }] })
  })

  test.each([
    ['.npmrc', `x=\${OTHER?}`, 'x='],
    ['.npmrc', `x=\${OTHER:-fall-back}`, 'x=fall-back'],
    ['.yarnrc.yml', `x: \${OTHER-}`, 'x: '],
    ['.npmrc', `x=\${OTHER:-$HOME}`, 'x=HOME'],
  ])('that may be missing are: %s %s', (file, text, left) => {
    expect(withVariables(file, text, has)).toEqual({ text: left, missing: [] })
  })

  test('a dollar is just one to npm', () => {
    expect(withVariables('.npmrc', 'x=$NOT_A_REFERENCE', has).text).toBe('x=$NOT_A_REFERENCE')
  })
})
