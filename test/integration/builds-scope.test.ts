// What a build finds itself to be made of, in repositories as people have them.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { matcher } from '../../src/builds/scope/scope.ts'
import type { Project } from '../../src/builds/steps/detect.ts'
import { findScope } from '../../src/builds/steps/scope.ts'
import type { Files } from '../support/projects.ts'

const json = (value: unknown) => JSON.stringify(value)

interface Given {
  root: string
  files: Files
  lockfile?: Project['lockfile']
  inputs?: string[]
  links?: Record<string, string>
  watch?: string[]
}

async function scopeOf({ root, files, lockfile = null, inputs = [], links = {}, watch = [] }: Given) {
  const source = await realpath(await mkdtemp(path.join(os.tmpdir(), 'sluice-scope-')))
  onTestFinished(() => rm(source, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(source, name)), { recursive: true })
    await writeFile(path.join(source, name), content)
  }
  for (const [name, target] of Object.entries(links)) {
    await mkdir(path.dirname(path.join(source, name)), { recursive: true })
    await symlink(target, path.join(source, name))
  }
  const said: string[] = []
  const functions = { style: 'defer' as const, folder: `${root}/defer`, files: [], ignored: [] }
  const order = {
    ...{ buildId: 'b', state: 'compiling' as const, sha: 'a'.repeat(40), source, inputs, watch },
    repository: { id: 1, installationId: 1, owner: 'acme', name: 'shop' },
    environment: { id: 'e', name: 'production', root, pullNumber: null, trusted: true },
    build: { prebuild: null, prebuildNetwork: false, installScripts: false, builder: 'stable' },
    project: { root, functions, lockfile },
  }
  const { scope } = await findScope(order, { say: text => said.push(text) })
  expect(said).toEqual([])
  return scope
}

const at = (name: string, manager: 'npm' | 'yarn' | 'pnpm', folder = '.'): Project['lockfile'] => ({
  folder,
  name,
  manager: { name: manager, version: '1.22.22', hash: null },
})

const members: Files = {
  'package.json': json({ name: 'mono', workspaces: ['apps/*', 'libs/*'], devDependencies: { tools: '*' } }),
  'apps/jobs/package.json': json({
    name: 'jobs',
    dependencies: { core: 'workspace:*', mailer: 'workspace:post@*' },
  }),
  'apps/web/package.json': json({ name: 'web', dependencies: { ui: '*' } }),
  'libs/core/package.json': json({ name: 'core', peerDependencies: { deep: '*' } }),
  'libs/deep/package.json': json({
    name: 'deep',
    optionalDependencies: { linked: 'link:../../vendor/linked' },
  }),
  'libs/post/package.json': json({ name: 'post' }),
  'libs/tools/package.json': json({ name: 'tools' }),
  'libs/ui/package.json': json({ name: 'ui' }),
  'vendor/linked/package.json': json({ name: 'called-otherwise' }),
}

test('the packages of the repository that a project needs, however they are named, and no others', async () => {
  const scope = await scopeOf({
    root: 'apps/jobs',
    files: { ...members, 'yarn.lock': '# yarn lockfile v1\n', '.yarn/patches/a.patch': '' },
    lockfile: at('yarn.lock', 'yarn'),
  })
  expect(scope?.filter(entry => entry.endsWith('/**'))).toEqual([
    '.yarn/**',
    'apps/jobs/**',
    'libs/core/**',
    'libs/deep/**',
    'libs/post/**',
    'libs/tools/**',
    'vendor/linked/**',
  ])
})

test('what code takes in from elsewhere: the package it is of, or its folder', async () => {
  const isIn = matcher(
    (await scopeOf({
      root: 'apps/jobs',
      files: { ...members, 'shared/time.ts': '', 'libs/ui/src/deep/a.ts': '' },
      inputs: ['apps/jobs/defer/a.ts', 'shared/time.ts', 'libs/ui/src/deep/a.ts'],
    })) ?? [],
  )
  const asked = [
    'shared/other.ts',
    'libs/ui/package.json',
    'libs/ui/index.ts',
    'libs/core/index.ts',
    'apps/web/a.ts',
  ]
  expect(asked.filter(file => isIn(file))).toEqual([
    'shared/other.ts',
    'libs/ui/package.json',
    'libs/ui/index.ts',
  ])
})

test('configurations that are extended or referred to, from wherever', async () => {
  const scope = await scopeOf({
    root: 'apps/jobs',
    files: {
      'package.json': '{}',
      'apps/jobs/tsconfig.json':
        '{ // ours\n "extends": ["../../tooling/base", "config/node.json"], "references": [{ "path": "../../build/lib" }] }',
      'tooling/base.json': '{ "extends": "./strict.json" }',
      'tooling/strict.json': '{}',
      'build/lib/tsconfig.json': '{}',
      'packages/config/node.json': '{}',
    },
    links: { 'node_modules/config': '../packages/config' },
  })
  expect(scope?.filter(entry => entry.endsWith('.json'))).toEqual([
    'build/lib/tsconfig.json',
    'packages/config/node.json',
    'tooling/base.json',
    'tooling/strict.json',
  ])
})

test('what links in the project lead to, and nothing outside of the repository', async () => {
  const isIn = matcher(
    (await scopeOf({
      root: 'jobs',
      files: { 'package.json': '{}', 'jobs/package.json': '{}', 'assets/logo.svg': '', 'texts/a.txt': '' },
      links: {
        'jobs/src/assets': '../../assets',
        'jobs/a.txt': '../texts/a.txt',
        'jobs/passwd': '/etc/passwd',
      },
    })) ?? [],
  )
  const asked = ['assets/logo.svg', 'texts/a.txt', 'texts/b.txt', '../etc/passwd']
  expect(asked.filter(file => isIn(file))).toEqual(['assets/logo.svg', 'texts/a.txt'])
})

test('a root that is a link is what it leads to', async () => {
  const scope = await scopeOf({
    root: 'jobs',
    files: { 'package.json': '{}', 'projects/jobs/package.json': '{}' },
    links: { jobs: 'projects/jobs' },
  })
  expect(scope).toContain('projects/jobs/**')
})

test('files that git writes its commit into say nothing of what has changed', async () => {
  const files = { 'package.json': '{}', '.gitattributes': 'version.txt export-subst\n' }
  expect(await scopeOf({ root: '.', files })).toBeNull()
})
