import { describe, expect, test } from 'vitest'
import { type IndexedFile, readIndex, writeIndex } from '../../src/builds/bundle-index.ts'

const digest = 'a'.repeat(64)
const entry: IndexedFile = { path: 'bundle-1.mjs', digest }
const tool: IndexedFile = { path: 'node_modules/tool/bin/run', digest, executable: true }

test('a list comes back as it was written, in order of path', () => {
  expect(readIndex(writeIndex([tool, entry], entry.path))).toEqual({
    files: [entry, tool],
    entry: 'bundle-1.mjs',
  })
  expect(readIndex(writeIndex([]))).toEqual({ files: [] })
})

test('the same files give the same bytes in any order', () => {
  expect(writeIndex([tool, entry], 'x')).toEqual(writeIndex([entry, tool], 'x'))
})

test.each([
  ["import { createRequire } from 'node:module'"],
  ['{ "files": [] }'],
  ['{"version":3,"sources":[]}'],
  [''],
])('%j is none: a bundle or a source map of one file', text => {
  expect(readIndex(Buffer.from(text))).toBeNull()
})

describe('a list is refused that has', () => {
  test.each([
    ['a path that leads out', { path: '../x', digest }],
    ['one that does so later', { path: 'a/../../x', digest }],
    ['an absolute path', { path: '/etc/passwd', digest }],
    ['a dot for a name', { path: 'a/./b', digest }],
    ['no name', { path: '', digest }],
    ['a backslash', { path: 'a\\b', digest }],
    ['a NUL', { path: 'a\0b', digest }],
    ['a name longer than a file can have', { path: 'x'.repeat(256), digest }],
    ['a digest that is none', { path: 'a', digest: '../../secret' }],
  ])('%s', (_, file) => {
    expect(() => readIndex(writeIndex([file]))).toThrow()
  })

  test('an entry that leads out', () => {
    expect(() => readIndex(writeIndex([entry], '../bundle.mjs'))).toThrow()
  })

  test('more than it may', () => {
    const files = Array.from({ length: 20_001 }, (_, index) => ({ path: `${index}`, digest }))
    expect(() => readIndex(writeIndex(files))).toThrow()
  })
})
