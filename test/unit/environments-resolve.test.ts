import { describe, expect, test } from 'vitest'
import {
  defaultRepositoryFile,
  parseRepositoryFile,
  type RepositoryFile,
} from '../../src/environments/repository-file.ts'
import { namesOfBranch, resolveEnvironments } from '../../src/environments/resolve.ts'

function fileOf(text: string): RepositoryFile {
  const parsed = parseRepositoryFile(text)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return parsed.file
}

const gitFlow = fileOf(`
environments:
  production: { branch: main }
  staging: { branch: develop, root: apps/jobs }
  billing: { branch: main, root: apps/billing }
  qa: { branch: "qa/*", crons: false }
`)

describe('resolveEnvironments', () => {
  test('without a file only the default branch lands, in production', () => {
    const landing = {
      name: 'production',
      otherName: null,
      branch: 'trunk',
      root: '.',
      production: true,
      crons: true,
      watch: [],
      build: { prebuild: null, prebuildNetwork: false, installScripts: false, builder: 'stable' },
    }
    expect(resolveEnvironments(defaultRepositoryFile, 'trunk', 'trunk')).toEqual([landing])
    expect(resolveEnvironments(defaultRepositoryFile, 'trunk', 'feature')).toEqual([])
  })

  test('an environment is built as its own entry says, else as all are', () => {
    const file = fileOf(`
build: { prebuild: npm run generate, install_scripts: [sharp] }
environments:
  api: { branch: main, root: api, watch: [schema] }
  web: { branch: main, root: web, build: { prebuild: null, builder: canary } }
`)
    const [api, web] = resolveEnvironments(file, 'main', 'main')
    const shared = { prebuildNetwork: false, installScripts: ['sharp'] }
    expect(api?.watch).toEqual(['schema'])
    expect(api?.build).toEqual({ ...shared, prebuild: 'npm run generate', builder: 'stable' })
    expect(web?.build).toEqual({ ...shared, prebuild: null, builder: 'canary' })
  })

  test('several environments may share a branch with different roots', () => {
    expect(resolveEnvironments(gitFlow, 'main', 'main').map(({ name, root }) => [name, root])).toEqual([
      ['production', '.'],
      ['billing', 'apps/billing'],
    ])
  })

  test('a pattern makes one environment for each branch', () => {
    expect(resolveEnvironments(gitFlow, 'main', 'qa/concurrency')).toMatchObject([
      { name: 'qa-concurrency', branch: 'qa/concurrency', root: '.', production: false, crons: false },
    ])
  })

  test('M24: the branches of a merge queue never land', () => {
    const all = fileOf('environments: { all: { branch: "*" } }')
    expect(resolveEnvironments(all, 'main', 'gh-readonly-queue/main/pr-1-abc')).toEqual([])
  })
})

describe('namesOfBranch', () => {
  const none = new Set<string>()

  test('plain branches keep a plain name', () => {
    expect(namesOfBranch('qa/my-feature', none).name).toBe('qa-my-feature')
  })

  test('a name that is somebody else’s is never taken', () => {
    expect(namesOfBranch('production', new Set(['production'])).name).toMatch(/^production-[0-9a-f]{6}$/)
    expect(namesOfBranch('pr/7', none).name).toMatch(/^pr-7-[0-9a-f]{6}$/)
  })

  test('every branch has a second name of its own, fit for an environment', () => {
    const branches = [
      'qa/a',
      'qa-a',
      'QA/a',
      'qa/ä',
      'qa/a/',
      `qa/${'x'.repeat(300)}`,
      `qa/${'x'.repeat(301)}`,
      '///',
      '---',
    ]
    const names = branches.map(branch => namesOfBranch(branch, none))
    expect(new Set(names.map(({ otherName }) => otherName)).size).toBe(branches.length)
    for (const { name } of names) expect(name).toMatch(/^[a-z0-9][a-z0-9.-]{0,62}$/)
  })
})
