import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultRepositoryFile, parseRepositoryFile } from '../../src/environments/repository-file.ts'

function problemsOf(text: string) {
  const parsed = parseRepositoryFile(text)
  return 'problems' in parsed ? parsed.problems : []
}

describe('parseRepositoryFile', () => {
  test('an empty file is the defaults', () => {
    expect(parseRepositoryFile('')).toEqual({ file: defaultRepositoryFile })
    expect(parseRepositoryFile('# nothing yet\n')).toEqual({ file: defaultRepositoryFile })
  })

  test('the example of the design is accepted', () => {
    const text = `environments:
  production: { branch: main }
  staging:    { branch: develop, root: apps/jobs }
  qa:         { branch: "qa/*" }
previews: { enabled: true, root: ".", crons: false, ttl: 7d, limit: 20, forks: approve }
build:    { prebuild: "npm run db:generate", builder: stable }
functions: { deletion_grace: 7d, stale_after: 90d }
commands:  { rollback: maintain, pause: maintain, delete: admin, require_prefix: false }
notifications: { slack: "#deploys", comments: on }
`
    const parsed = parseRepositoryFile(text)
    expect(parsed).toMatchObject({
      file: { functions: { deletionGraceSeconds: 604_800 }, commands: { roles: { delete: 'admin' } } },
    })
  })

  test.each([
    [
      'environments:\n  production:\n    brnch: main\n',
      3,
      /brnch: there is no such setting/,
      'a misspelt setting, at its line',
    ],
    ['previews:\n  ttl: soon\n', 2, /previews\.ttl: must be a duration/, 'a wrong value, at its line'],
    ['environments:\n  a: [\n', 3, /./, 'broken YAML'],
    ['previews: {}\nprevies: {}\n', 2, /previes: there is no such setting/, 'an unknown section'],
    ['previews: {}\npreviews: {}\n', 2, /unique/i, 'a section given twice'],
    [
      'environments: { a: { branch: main, root: ../x } }',
      1,
      /inside the repository/,
      'a root outside the repository',
    ],
    [
      'environments: { a: { branch: no } }\nnotifications: { comments: true }',
      2,
      /comments/,
      'a boolean where a word is due',
    ],
    ['a: &x 1\nb: *x\n', 1, /aliases/, 'aliases'],
    [`${'['.repeat(20_000)}`, 1, /deep/, 'brackets without end'],
    [`# ${'x'.repeat(70_000)}`, 1, /larger/, 'a file too large'],
    ['a\0b', 1, /NUL/, 'a NUL'],
    ['---\na: 1\n---\nb: 2\n', 1, /./, 'two documents'],
  ])('%# refuses: %s', (text, line, message) => {
    const problems = problemsOf(text)
    const told = problems.find(problem => message.test(problem.message))
    expect(told, JSON.stringify(problems)).toBeDefined()
    if (line > 1) expect(told?.line).toBe(line)
  })

  test('names that objects inherit are ordinary names', () => {
    expect(parseRepositoryFile('environments: { constructor: { branch: main } }')).toHaveProperty('file')
    expect(problemsOf('__proto__: { polluted: true }').length).toBeGreaterThan(0)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('never throws, whatever is pushed', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&',
      '*',
      '!',
      '|',
      '>',
      '#',
      '\t',
      'é',
      '? ',
      '%',
    )
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 60 }), text => {
        const parsed = parseRepositoryFile(text)
        expect('file' in parsed || parsed.problems.length > 0).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
