import { describe, expect, test } from 'vitest'
import {
  type InstallInputs,
  installKey,
  installPartOf,
  localPartsOf,
} from '../../src/builds/installing/install-plan.ts'

const lockfile = (packages: Record<string, object>) => JSON.stringify({ lockfileVersion: 3, packages })

describe('what a lockfile needs of the repository', () => {
  test('workspaces and file: dependencies, relative to the repository', () => {
    const text = lockfile({
      '': {},
      'packages/a': {},
      '../shared': {},
      'node_modules/a': { resolved: 'packages/a', link: true },
      'node_modules/packed': { resolved: 'file:vendor/packed.tgz' },
      'node_modules/zod': { resolved: 'https://packages.example.com/zod/-/zod-4.0.0.tgz' },
      'packages/a/node_modules/zod': {},
    })
    expect(localPartsOf(text, 'apps')).toEqual({
      packages: ['apps/packages/a', 'shared'],
      tarballs: ['apps/vendor/packed.tgz'],
    })
  })

  test('nothing outside the repository', () => {
    expect(localPartsOf(lockfile({ '../../secrets': {} }), 'apps')).toEqual({
      problem: 'it names "../secrets", which is outside the repository',
    })
    expect(
      localPartsOf(lockfile({ 'node_modules/x': { resolved: 'file:/etc/passwd' } }), '.'),
    ).toHaveProperty('packages')
  })

  test('a lockfile of version 1 names none', () => {
    expect(localPartsOf('{"lockfileVersion":1,"dependencies":{}}', '.')).toEqual({
      packages: [],
      tarballs: [],
    })
  })

  test.each(['', '<<<<<<< HEAD', '[]', '{"packages":[]}', 'null'])('%j is not one', text => {
    expect(localPartsOf(text, '.')).toHaveProperty('problem')
  })
})

describe('two installs are the same', () => {
  const inputs: InstallInputs = {
    manager: 'npm 11.0.0',
    node: 'v24.0.0',
    platform: 'linux-x64',
    domain: '1 branches',
    scripts: false,
    files: [
      { path: 'package-lock.json', content: 'a' },
      { path: 'package.json', content: 'b' },
    ],
  }

  test('whatever order their files are read in', () => {
    expect(installKey({ ...inputs, files: inputs.files.toReversed() })).toBe(installKey(inputs))
  })

  test.each([
    ['lockfile', { files: [{ path: 'package-lock.json', content: 'x' }] }],
    ['manager', { manager: 'npm 12.0.0' }],
    ['Node', { node: 'v26.0.0' }],
    ['platform', { platform: 'linux-arm64' }],
    ['trust', { domain: '1 previews' }],
    ['policy of install scripts', { scripts: ['esbuild'] }],
  ])('but not with another %s', (_, other) => {
    expect(installKey({ ...inputs, ...other })).not.toBe(installKey(inputs))
  })

  test('when only scripts and versions of their package.json differ', () => {
    const before = '{"name":"x","scripts":{"a":"1"},"dependencies":{"zod":"4"}}'
    const after = '{"dependencies":{"zod":"4"},"version":"2.0.0","name":"x"}'
    expect(installPartOf(after)).toBe(installPartOf(before))
    expect(installPartOf('{"name":"x","dependencies":{"zod":"3"}}')).not.toBe(installPartOf(before))
  })
})
