import { describe, expect, test } from 'vitest'
import { asksIn } from '../../src/builds/shipping/asks.ts'
import { readsBeside } from '../../src/builds/shipping/beside.ts'
import { edgesOf, layOut, reach } from '../../src/builds/shipping/layout.ts'
import { packageFolder, shippedNames, splitSpecifier } from '../../src/builds/shipping/packages.ts'

describe('whether a package uses files beside it', () => {
  test.each<[string, string, ReturnType<typeof readsBeside>]>([
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is code
    ['a native binary by its name', "require('./build/Release/fast.node')", 'native'],
    ['one whose name is put together', 'require(`@img/sharp-${platform}/sharp.node`)', 'native'],
    ['what looks for one', "require('node-gyp-build')(__dirname)", 'native'],
    ['the same by another', "require('bindings')('fast')", 'native'],
    ['a package by platform', 'require(`css-${process.platform}-${process.arch}`)', 'native'],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
    ['an extension alone', "const extensions = ['.js', '.node']", 'no'],
    [
      'files by a require of its own',
      "const require = createRequire(import.meta.url)\nrequire('../package.json')",
      'files',
    ],
    ['a require of its own, for other packages', 'createRequire(import.meta.url)("fs")', 'perhaps'],
    ['its folder', "readFileSync(__dirname + '/font.afm')", 'perhaps'],
    ['its URL', "new URL('./x.wasm', import.meta.url)", 'perhaps'],
    ['nothing', 'export const one = 1', 'no'],
  ])('%s', (_, text, expected) => {
    expect(readsBeside(text)).toBe(expected)
  })
})

describe('packages', () => {
  test.each<[string, string | null]>([
    ['node_modules/a/lib/x.js', 'node_modules/a'],
    ['apps/web/node_modules/@s/b/x.js', 'apps/web/node_modules/@s/b'],
    ['node_modules/a/node_modules/b/x.js', 'node_modules/a/node_modules/b'],
    ['node_modules/.pnpm/b@1/node_modules/b/x.js', 'node_modules/.pnpm/b@1/node_modules/b'],
    ['src/x.js', null],
    ['src/my_node_modules/x.js', null],
  ])('%s is in %s', (file, folder) => {
    expect(packageFolder(file)).toBe(folder)
  })

  test('of several with one name, the others have another', () => {
    const folders = ['node_modules/x/node_modules/a', 'node_modules/a', 'node_modules/b']
    expect([...shippedNames(folders)].sort()).toEqual([
      ['node_modules/a', 'a'],
      ['node_modules/b', 'b'],
      ['node_modules/x/node_modules/a', 'a--1'],
    ])
  })

  test('a specifier has a name and what follows it', () => {
    expect(splitSpecifier('@s/a/b/c')).toEqual({ name: '@s/a', subpath: '/b/c' })
    expect(splitSpecifier('a')).toEqual({ name: 'a', subpath: '' })
  })
})

describe('places', () => {
  const edges = edgesOf([
    ['A', { b: 'B1', c: 'C' }],
    ['D', { b: 'B2' }],
    ['B2', { d: 'D', c: 'C' }],
    ['B1', {}],
    ['C', {}],
  ])
  const layout = layOut(
    new Map([
      ['d', 'D'],
      ['a', 'A'],
    ]),
    edges,
  )

  test('each finds the version it was installed with, as high as possible', () => {
    expect([...layout]).toEqual([
      ['node_modules/a', 'A'],
      ['node_modules/d', 'D'],
      ['node_modules/b', 'B1'],
      ['node_modules/c', 'C'],
      ['node_modules/d/node_modules/b', 'B2'],
    ])
  })

  test('what one function reaches is its own', () => {
    expect([...reach(layout, edges, ['a']).keys()]).toEqual([
      'node_modules/a',
      'node_modules/b',
      'node_modules/c',
    ])
    expect([...reach(layout, edges, ['d']).keys()]).toEqual([
      'node_modules/d',
      'node_modules/d/node_modules/b',
      'node_modules/c',
    ])
  })
})

describe('how packages that are to be shipped are asked for', () => {
  const where = {
    pathOf: (file: string) => file.replace(/^\.\.\/tree\//, ''),
    isModule: (file: string) => file.endsWith('.mjs'),
  }
  const input = (...imports: object[]) => ({ bytes: 1, imports }) as never
  const asks = (path: string, original: string, kind = 'import-statement') => ({ path, original, kind })
  const shipped = new Set(['node_modules/a', 'node_modules/b'])

  test('by name and path, by import or require, of the own code and of packages', () => {
    const inputs = {
      'functions/f.ts': input(asks('package:node_modules/a/main.mjs.package', 'a')),
      '../tree/node_modules/c/index.js': input(
        asks('../tree/node_modules/a/deep/x.mjs', 'a/deep/x', 'require-call'),
        asks('../tree/node_modules/b/index.js', 'b'),
        asks('../tree/node_modules/d/index.js', 'd'),
      ),
    }
    expect(asksIn(inputs, shipped, where)).toEqual([
      { mode: 'import', folder: 'node_modules/a', subpath: '' },
      { mode: 'require', folder: 'node_modules/a', subpath: '/deep/x' },
      { mode: 'require', folder: 'node_modules/b', subpath: '' },
    ])
  })

  test('not by one another, nor by paths, nor where they are left out already', () => {
    const inputs = {
      '../tree/node_modules/a/main.mjs': input(
        asks('../tree/node_modules/b/index.js', 'b'),
        asks('../tree/node_modules/a/other.mjs', './other.mjs'),
      ),
      'functions/f.ts': input({ ...asks('a', 'a'), external: true }),
      'functions/g.ts': input(asks('../tree/node_modules/a/main.mjs', '../node_modules/a/main.mjs')),
    }
    expect(asksIn(inputs, shipped, where)).toEqual([])
  })
})
