import { describe, expect, test } from 'vitest'
import { findFunctionsFolder } from '../../src/builds/discovery/functions-folder.ts'

const found: Record<string, { root?: string; paths: string[]; folder: string; files: string[] }> = {
  'in the root': { paths: ['defer/a.ts', 'src/b.ts'], folder: 'defer', files: ['defer/a.ts'] },
  'at any depth': {
    paths: ['apps/api/src/defer/a.js'],
    folder: 'apps/api/src/defer',
    files: ['apps/api/src/defer/a.js'],
  },
  'with nested folders, another defer among them': {
    paths: ['src/defer/mail/send.ts', 'src/defer/defer/x.ts'],
    folder: 'src/defer',
    files: ['src/defer/defer/x.ts', 'src/defer/mail/send.ts'],
  },
  'every extension that holds code': {
    paths: ['js', 'jsx', 'ts', 'tsx', 'cjs', 'cjsx', 'cts', 'ctsx', 'mjs', 'mjsx', 'mts', 'mtsx'].map(
      end => `defer/a.${end}`,
    ),
    folder: 'defer',
    files: ['cjs', 'cjsx', 'cts', 'ctsx', 'js', 'jsx', 'mjs', 'mjsx', 'mts', 'mtsx', 'ts', 'tsx'].map(
      end => `defer/a.${end}`,
    ),
  },
  'without tests, declarations and other files': {
    paths: [
      'defer/a.ts',
      'defer/a.test.ts',
      'defer/a.spec.jsx',
      'defer/a_test.ts',
      'defer/a_spec.js',
      'defer/tests/b.ts',
      'defer/mail/test/b.ts',
      'defer/spec/b.ts',
      'defer/specs/b.ts',
      'defer/types.d.ts',
      'defer/types.d.mts',
      'defer/data.json',
      'defer/README.md',
    ],
    folder: 'defer',
    files: ['defer/a.ts'],
  },
  'names that only look like tests stay': {
    paths: ['defer/contest.ts', 'defer/testing.ts', 'defer/latest/a.ts'],
    folder: 'defer',
    files: ['defer/contest.ts', 'defer/latest/a.ts', 'defer/testing.ts'],
  },
  'the one nearest to the root': {
    paths: ['src/defer/a.ts', 'examples/one/src/defer/b.ts'],
    folder: 'src/defer',
    files: ['src/defer/a.ts'],
  },
  'a folder without functions does not count': {
    paths: ['defer/README.md', 'src/defer/a.ts'],
    folder: 'src/defer',
    files: ['src/defer/a.ts'],
  },
  'below the root only': {
    root: 'apps/a',
    paths: ['apps/a/defer/x.ts'],
    folder: 'apps/a/defer',
    files: ['apps/a/defer/x.ts'],
  },
  'the root itself': {
    root: 'packages/defer',
    paths: ['packages/defer/src/a.ts', 'packages/defer/b.ts'],
    folder: 'packages/defer',
    files: ['packages/defer/b.ts', 'packages/defer/src/a.ts'],
  },
  'not a folder above the root that has the name': {
    root: 'defer/app',
    paths: ['defer/app/defer/a.ts', 'defer/app/b.ts'],
    folder: 'defer/app/defer',
    files: ['defer/app/defer/a.ts'],
  },
}

describe('functions are found', () => {
  test.each(Object.entries(found))('%s', (_, { root = '.', paths, folder, files }) => {
    expect(findFunctionsFolder(root, paths)).toMatchObject({ folder, files })
  })

  test('deeper folders of the name are told', () => {
    expect(findFunctionsFolder('.', ['defer/a.ts', 'x/defer/b.ts', 'y/z/defer/c.ts'])).toMatchObject({
      ignored: ['x/defer', 'y/z/defer'],
    })
  })
})

describe('nothing to build', () => {
  test('no folder of the name', () => {
    expect(findFunctionsFolder('apps/jobs', ['apps/jobs/src/a.ts'])).toMatchObject({
      failure: { code: 'functions_missing', message: expect.stringContaining('looked in "apps/jobs"') },
    })
  })

  test('two at one depth', () => {
    expect(findFunctionsFolder('.', ['b/defer/y.ts', 'a/defer/x.ts'])).toMatchObject({
      failure: { code: 'functions_folder_ambiguous', message: expect.stringContaining('a/defer, b/defer') },
    })
  })
})

describe('plain functions', () => {
  test('in a folder named functions, where there is none named defer', () => {
    expect(findFunctionsFolder('.', ['src/functions/a.ts', 'src/functions/a.config.ts', 'b.ts'])).toEqual({
      folder: 'src/functions',
      style: 'plain',
      files: ['src/functions/a.ts'],
      ignored: [],
    })
  })

  test('defer wins, however deep it lies, and the other one is told', () => {
    const paths = ['functions/a.ts', 'src/x/defer/b.ts', 'src/x/defer/functions/c.ts']
    expect(findFunctionsFolder('.', paths)).toEqual({
      folder: 'src/x/defer',
      style: 'defer',
      files: ['src/x/defer/b.ts', 'src/x/defer/functions/c.ts'],
      ignored: ['functions'],
    })
  })

  test('two of the name at one depth', () => {
    expect(findFunctionsFolder('.', ['a/functions/x.ts', 'b/functions/y.ts'])).toMatchObject({
      failure: { code: 'functions_folder_ambiguous', message: expect.stringContaining('named "functions"') },
    })
  })

  test('a folder of the name without code', () => {
    expect(findFunctionsFolder('.', ['functions/README.md'])).toMatchObject({
      failure: {
        code: 'functions_missing',
        message: expect.stringContaining('"functions" in the repository'),
      },
    })
  })
})
