import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAliases } from '../../src/builds/bundling/vite-aliases.ts'

const read = (alias: string) => readAliases(`export default { resolve: { alias: ${alias} } }`, 'resolve')

describe('aliases are read', () => {
  test.each<[string, string, Record<string, string>]>([
    ['a string', `{ '@': '/src' }`, { '@': '/src' }],
    ['a package', `{ react: "preact/compat" }`, { react: 'preact/compat' }],
    ['path.resolve', `{ '@': path.resolve(__dirname, './src') }`, { '@': './src' }],
    ['resolve, in parts', `{ '~': resolve(import.meta.dirname, 'src', 'lib') }`, { '~': './src/lib' }],
    ['path.join', `{ '@shared': path.join(__dirname, '../shared') }`, { '@shared': '../shared' }],
    [
      'the current folder',
      `{ a: path.resolve(process.cwd(), 'a'), b: path.resolve('b') }`,
      { a: './a', b: './b' },
    ],
    [
      'fileURLToPath',
      `{ '@': fileURLToPath(new URL('./src', import.meta.url)), b: url.fileURLToPath(new URL("b", import.meta.url)) }`,
      { '@': './src', b: './b' },
    ],
    ['pathname', `{ '@': new URL('./src/', import.meta.url).pathname }`, { '@': './src/' }],
    [
      'a list',
      `[{ find: '@', replacement: path.resolve(__dirname, 'src') }, { replacement: '/b', find: 'b' },]`,
      { '@': './src', b: '/b' },
    ],
    [
      'comments and strings like comments',
      `{ /* '}' */ '@': '/src', // no: 'x'\n 'a//b': '/*c' }`,
      { '@': '/src', 'a//b': '/*c' },
    ],
  ])('%s', (_, text, aliases) => {
    const found = read(text)
    expect(found.unread).toEqual([])
    expect(Object.fromEntries(found.aliases.map(({ find, replacement }) => [find, replacement]))).toEqual(
      aliases,
    )
  })

  test.each<[string, string, string[]]>([
    ['a call', `{ '@': compute() }`, ['@']],
    ['a template', '{ "@": `$' + '{root}/src` }', ['@']],
    ['a spread', `{ ...base, '@': '/src' }`, ['...base']],
    ['a variable', 'aliases', ['aliases']],
    ['a regular expression', `[{ find: /^~/, replacement: '/src' }]`, [`'/src'`]],
    ['a variable in a path', `{ '@': path.resolve(root, 'src') }`, ['@']],
  ])('%s is told to be unread', (_, text, unread) => {
    expect(read(text).unread).toEqual(unread)
  })

  test('those of tests, and of plugins, are none of a function', () => {
    const text = `export default { test: { alias: { '@': '/mocks' } }, plugins: [x({ alias: { y: '/z' } })] }`
    expect(readAliases(text, 'resolve')).toEqual({ aliases: [], unread: [] })
  })

  test('no text makes it fail', () => {
    const pieces = fc.constantFrom(
      'resolve',
      'alias',
      ':',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      "'",
      '`',
      ',',
      '\\',
      '/',
      '*',
      'a',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(pieces), parts => {
        const { aliases } = readAliases(`resolve: { alias: ${parts.join('')}`, 'resolve')
        for (const { find, replacement } of aliases)
          expect(typeof find + typeof replacement).toBe('stringstring')
      }),
    )
  })
})
