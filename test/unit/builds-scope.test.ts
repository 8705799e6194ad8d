import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TreeEntry } from '../../src/builds/ports.ts'
import { contentDigest, matcher, type Parts, scopeOf, scopeWords } from '../../src/builds/scope/scope.ts'

const parts = (some: Partial<Parts>): Parts => ({
  ...{ root: '.', packages: [], inputs: [], folders: [], files: [] },
  ...some,
})
const jobs = parts({ root: 'apps/jobs', packages: ['packages/mail'] })

describe('scopeOf', () => {
  test.each<[string, Parts, string[]]>([
    ['the only project of a repository', parts({}), ['**']],
    [
      'a project in a folder, with a package it needs',
      jobs,
      ['*', 'apps/*', 'apps/jobs/**', 'packages/*', 'packages/mail/**'],
    ],
    [
      'a file imported from elsewhere brings its folder',
      { ...jobs, packages: [], inputs: ['apps/jobs/defer/a.ts', 'libs/shared/time.ts'] },
      ['*', 'apps/*', 'apps/jobs/**', 'libs/*', 'libs/shared/**'],
    ],
    [
      'one from a folder the project lies in does not bring all of that folder',
      { ...jobs, packages: [], inputs: ['apps/shared.ts', 'constants.ts', 'README.md'] },
      ['*', 'README.md', 'apps/*', 'apps/jobs/**'],
    ],
    [
      'folders are named as people write them',
      { ...parts({ root: './apps/jobs/' }), folders: ['db/', './schema'], files: ['./patches/a.patch'] },
      ['*', 'apps/*', 'apps/jobs/**', 'db/**', 'patches/a.patch', 'schema/**'],
    ],
    ['a watched repository is all of it', { ...jobs, folders: ['.'] }, ['**']],
    [
      'a document that code imports counts where all do but documents',
      parts({ inputs: ['README.md', 'src/a.ts', 'docs/b.md'], files: ['package-lock.json'] }),
      ['**', 'README.md'],
    ],
  ])('%s', (_name, given, expected) => {
    expect(scopeOf(given)).toEqual(expected)
  })
})

describe('what is in the scope', () => {
  const inScope = matcher(scopeOf({ ...jobs, files: ['tools/tsconfig.json'] }))

  test.each([
    'apps/jobs/src/defer/send.ts',
    'apps/jobs/README.md',
    'apps/jobs',
    'apps/jobs.ts',
    'apps/jobs.config.json',
    'packages/mail/index.ts',
    'package.json',
    'pnpm-lock.yaml',
    '.npmrc',
    'tsconfig.base.json',
    'history.ts',
    'apps/.env',
    'packages/package.json',
    'tools/tsconfig.json',
  ])('%s', file => {
    expect(inScope(file)).toBe(true)
  })

  test.each([
    'README.md',
    'LICENSE',
    'LICENSE-MIT.txt',
    'CHANGELOG.md',
    'apps/AGENTS.md',
    'apps/web/package.json',
    'apps/jobs2/a.ts',
    'apps/jobs-old.d/ts',
    'packages/mailer/index.ts',
    'packages/other/package.json',
    'tools/other.json',
    '.github/sluice.yml',
    'docs/a.ts',
  ])('and what is not: %s', file => {
    expect(inScope(file)).toBe(false)
  })

  test('in a repository of one project everything but documents at the top', () => {
    const isIn = matcher(['**'])
    expect(
      ['a.ts', 'docs/README.md', '.github/x.yml', 'README.md', 'COPYING'].map(file => isIn(file)),
    ).toEqual([true, true, true, false, false])
  })

  test('a submodule is none of the documents, whatever it is called', () => {
    expect(matcher(['**'])('history', true)).toBe(true)
  })
})

const basis = { root: 'apps/jobs', build: { prebuild: null, builder: 'stable' } }
const entry = (path: string, sha = 'a', mode = '100644'): TreeEntry => ({ path, mode, sha })

describe('contentDigest', () => {
  test('knows no order, of entries or of settings', () => {
    const [one, two] = [entry('a.ts'), entry('b.ts')]
    const other = { build: { builder: 'stable', prebuild: null }, root: 'apps/jobs' }
    expect(contentDigest(['**'], [one, two], basis)).toBe(contentDigest(['**'], [two, one], other))
  })

  test('changes with a mode, a name and a setting', () => {
    const digests = [
      contentDigest(['**'], [entry('a.ts')], basis),
      contentDigest(['**'], [entry('a.ts', 'a', '100755')], basis),
      contentDigest(['**'], [entry('b.ts')], basis),
      contentDigest(['**'], [entry('a.ts')], { ...basis, build: { ...basis.build, builder: 'canary' } }),
      contentDigest(['**'], [], basis),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })

  const name = fc.constantFrom('a', 'b', 'lib', 'lib.ts', 'README.md', 'package.json', 'x.test.ts')
  const file = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'))
  const one = fc.record({
    path: file,
    mode: fc.constantFrom('100644', '100755', '120000', '160000'),
    sha: fc.constantFrom('a', 'b', 'c'),
  })
  const tree = fc.uniqueArray(one, { selector: entry => entry.path, maxLength: 20 })
  const scope = fc
    .record({
      root: fc.constantFrom('.', 'a', 'a/b', 'lib'),
      packages: fc.array(fc.constantFrom('b', 'b/lib', 'lib/a'), { maxLength: 2 }),
      inputs: fc.array(file, { maxLength: 3 }),
      folders: fc.array(file, { maxLength: 2 }),
      files: fc.array(file, { maxLength: 2 }),
    })
    .map(scopeOf)

  test('a change inside changes it, one outside never does', () => {
    fc.assert(
      fc.property(scope, tree, one, (within, before, changed) => {
        const isInside = matcher(within)(changed.path, changed.mode === '160000')
        const after = [...before.filter(({ path }) => path !== changed.path), { ...changed, sha: 'new' }]
        const same = contentDigest(within, before, basis) === contentDigest(within, after, basis)
        const wasInside = before.some(
          ({ path, mode }) => path === changed.path && matcher(within)(path, mode === '160000'),
        )
        expect(same).toBe(!isInside && !wasInside)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the parts it is made of are always inside', () => {
    fc.assert(
      fc.property(file, file, file, (root, needed, input) => {
        const inScope = matcher(scopeOf(parts({ root, packages: [needed], inputs: [input], files: [input] })))
        for (const one of [
          `${root}/defer/a.ts`,
          `${needed}/index.ts`,
          `${needed}/x/y.md`,
          input,
          'tsconfig.json',
        ])
          expect([one, inScope(one)]).toEqual([one, true])
      }),
      { numRuns: 1_000 },
    )
  })
})

test.each([
  [['**', 'README.md'], 'the repository but its documents'],
  [
    ['*', 'apps/*', 'apps/jobs/**', 'packages/mail/**', 'a.ts'],
    'apps/jobs, packages/mail or its configuration',
  ],
  [
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(folder => `${folder}/**`),
    'a, b, c, d, e, 2 more folders or its configuration',
  ],
])('the scope %j in words', (scope, words) => {
  expect(scopeWords(scope)).toBe(words)
})
