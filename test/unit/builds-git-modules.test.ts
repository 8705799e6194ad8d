import { describe, expect, test } from 'vitest'
import { parseModules, targetOf } from '../../src/builds/archive/git-modules.ts'

describe('.gitmodules', () => {
  test('is read as Git writes it', () => {
    const text = `# shared code
[submodule "lib"]
\tpath = lib
\turl = ../lib.git
\tbranch = main
[submodule "vendor/a b"]
\tpath = "vendor/a b"
\turl = https://github.com/acme/vendor.git ; the fork
\tshallow = true
`
    expect(parseModules(text)).toEqual({
      submodules: [
        { path: 'lib', url: '../lib.git' },
        { path: 'vendor/a b', url: 'https://github.com/acme/vendor.git' },
      ],
    })
  })

  test('a section without a path or an address counts for nothing', () => {
    expect(parseModules('[submodule "a"]\npath = a\n[submodule "b"]\nurl = ../b\n')).toEqual({
      submodules: [],
    })
    expect(parseModules('')).toEqual({ submodules: [] })
  })

  test.each([
    ['a value before any section', 'path = lib\n', 1],
    ['a section of another kind', '[core]\n\tsshCommand = touch x\n', 1],
    ['an included file', '[include]\n\tpath = other\n', 1],
    ['a line that is none', '[submodule "a"]\n\tpath\n', 2],
    ['a line that goes on', '[submodule "a"]\n\tpath = a\\\n\turl = b\n', 2],
    ['an escape', '[submodule "a"]\n\tpath = "a\\n"\n', 2],
    ['a quote that does not end', '[submodule "a"]\n\tpath = "a\n', 2],
    ['a path given twice', '[submodule "a"]\n\tpath = a\n\tpath = b\n', 3],
  ])('%s is refused at its line', (_name, text, line) => {
    expect(parseModules(text)).toMatchObject({
      failure: {
        code: 'submodule_refused',
        message: expect.stringContaining(`.gitmodules:${line}:`),
        annotations: [{ path: '.gitmodules', startLine: line }],
      },
    })
  })

  test('two submodules in one place are refused', () => {
    const one = '[submodule "a"]\npath = a\nurl = ../a\n'
    expect(parseModules(one + one.replace('"a"', '"b"'))).toMatchObject({
      failure: { message: expect.stringMatching(/names "a" twice/) },
    })
  })
})

describe('the address of a submodule', () => {
  const from = { owner: 'acme', name: 'shop' }
  const lib = { kind: 'repository', owner: 'acme', name: 'lib' }

  test.each([
    '../lib.git',
    '../lib',
    '../../acme/lib',
    'https://github.com/acme/lib.git',
    'https://github.com/acme/lib/',
    'http://github.com/acme/lib',
    'git@github.com:acme/lib.git',
    'github.com:acme/lib',
    'ssh://git@github.com/acme/lib.git',
    'ssh://git@github.com:22/acme/lib.git',
    'git://github.com/acme/lib.git',
    'https://GitHub.com/acme/lib',
    'https://x-access-token@github.com/acme/lib.git',
  ])('%s leads to the repository', url => {
    expect(targetOf(url, 'https://github.com', from)).toEqual(lib)
  })

  test.each([
    ['https://gitlab.com/acme/lib.git', 'gitlab.com'],
    ['https://github.com.evil.example/acme/lib', 'github.com.evil.example'],
    ['https://github.com@evil.example/acme/lib', 'evil.example'],
    ['https://github.com:8443/acme/lib', 'github.com'],
    ['git@evil.example:acme/lib.git', 'evil.example'],
    ['http://169.254.169.254/latest/meta-data', '169.254.169.254'],
  ])('%s is elsewhere', (url, host) => {
    expect(targetOf(url, 'https://github.com', from)).toEqual({ kind: 'elsewhere', host })
  })

  test.each([
    'file:///etc/passwd',
    '/etc',
    'ext::sh -c touch',
    '-uupload-pack',
    '../../../x',
    '../..',
    'https://github.com/acme',
    'https://github.com/acme/lib/../../other/secret/x',
    'https://me:secret@github.com/acme/lib',
    '',
  ])('%s is no address to fetch', url => {
    expect(targetOf(url, 'https://github.com', from).kind).not.toBe('repository')
  })

  test('a password is never repeated', () => {
    const target = targetOf('https://me:hunter2@github.com/acme/lib', 'https://github.com', from)
    expect(JSON.stringify(target)).not.toContain('hunter2')
  })

  test('a host below a path and with a port', () => {
    const host = 'http://127.0.0.1:4000/git'
    expect(targetOf('http://127.0.0.1:4000/git/acme/lib.git', host, from)).toEqual(lib)
    expect(targetOf('http://127.0.0.1:4000/acme/lib.git', host, from).kind).toBe('elsewhere')
    expect(targetOf('http://127.0.0.1:4001/git/acme/lib.git', host, from).kind).toBe('elsewhere')
  })
})
