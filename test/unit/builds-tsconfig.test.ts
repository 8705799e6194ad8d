import { expect, test } from 'vitest'
import { extendedFiles, parseConfiguration, referencedFiles } from '../../src/builds/tsconfig-files.ts'

const nothing = { extends: [], references: [], compilerOptions: {} }

test.each([
  ['one that it extends', '{ "extends": "./a" }', { ...nothing, extends: ['./a'] }],
  ['several', '{ "extends": ["./a", "b/c.json"] }', { ...nothing, extends: ['./a', 'b/c.json'] }],
  [
    'comments, commas at the end and a byte order mark',
    '\ufeff{ // "extends": "./no"\n "references": [{ "path": "../lib", }], }',
    { ...nothing, references: ['../lib'] },
  ],
  [
    'options it does not know',
    '{ "extends": "./a", "compilerOptions": { "target": "ES2022", "paths": { "@/*": ["./src/*"] } } }',
    { ...nothing, extends: ['./a'], compilerOptions: { target: 'ES2022', paths: { '@/*': ['./src/*'] } } },
  ],
  [
    'options that are none',
    '{ "extends": "./a", "compilerOptions": { "target": 7 } }',
    { ...nothing, extends: ['./a'] },
  ],
  ['no configuration', '{ "extends": ', nothing],
  ['something else', '[]', nothing],
])('%s', (_, text, configuration) => {
  expect(parseConfiguration(text)).toEqual(configuration)
})

test('what is extended may lie beside, or in packages of all folders above', () => {
  expect(extendedFiles('apps/jobs/tsconfig.json', '../base.json')).toEqual(['apps/base.json'])
  expect(extendedFiles('apps/tsconfig.json', '@own/config')).toEqual(
    ['apps/node_modules/@own/config', 'node_modules/@own/config'].flatMap(place => [
      place,
      `${place}.json`,
      `${place}/tsconfig.json`,
    ]),
  )
  expect(referencedFiles('apps/tsconfig.json', 'lib')).toEqual([
    'apps/lib',
    'apps/lib.json',
    'apps/lib/tsconfig.json',
  ])
})
