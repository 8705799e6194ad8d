// The parts of the command line that are pure: what was asked, of whom, and how it is shown.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { allCommands, ofServer } from '../../src/command-line/commands.ts'
import { exitCodeOf, exitCodes } from '../../src/command-line/exit-codes.ts'
import { keptFile } from '../../src/command-line/kept-login.ts'
import { nouns } from '../../src/command-line/nouns.ts'
import { parseVerb } from '../../src/command-line/parse.ts'
import { type Column, table } from '../../src/command-line/table.ts'
import type { Verb } from '../../src/command-line/verb.ts'
import { serverUrl, warningOf, whichServer } from '../../src/command-line/which-server.ts'
import { cut, widthOf } from '../../src/command-line/width.ts'
import { AppError, codes } from '../../src/errors.ts'

const plain = { width: null, colour: (_colour: unknown, text: string) => text }

describe('a table', () => {
  const rows = [
    { name: 'sendMail', why: 'the provider answers nothing at all' },
    { name: '送信', why: '' },
  ]
  const columns: Column<(typeof rows)[number]>[] = [
    { title: 'name', value: row => row.name },
    { title: 'why', value: row => row.why, shrinksTo: 8 },
  ]

  test('is as wide as what is in it, also where that is wide', () => {
    expect(table(plain, rows, columns, 'none')).toBe(
      'NAME      WHY\nsendMail  the provider answers nothing at all\n送信      -\n',
    )
  })

  test('is cut to a terminal where it may be, and never an id', () => {
    const narrow = table({ ...plain, width: 20 }, rows, columns, 'none')
    expect(narrow.split('\n')[1]).toBe('sendMail  the provi…')
    const narrower = table({ ...plain, width: 4 }, rows, columns, 'none')
    expect(narrower.split('\n')[1]).toBe('sendMail  the pro…')
  })

  test('shows nothing that moves a cursor or turns text around', () => {
    const evil = [{ name: 'a\u001b[2Jb\u202ec\nd\u0007', why: '' }]
    expect(table(plain, evil, columns, '')).toContain('abc d')
    expect(table(plain, [], columns, 'There are none.')).toBe('There are none.\n')
  })

  test('has colours only for what it shows, not for the room around it', () => {
    const paper = { width: null, colour: (colour: string, text: string) => `<${colour}>${text}</>` }
    const coloured = [{ title: 'a', value: () => 'x', colour: () => 'red' as const }, ...columns]
    expect(table(paper, rows.slice(0, 1), coloured, '')).toContain('<red>x</>  sendMail  the')
  })
})

test.each([
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['送信', 4],
  ['👩‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['', 0],
])('%j takes %d columns', (text, width) => {
  expect(widthOf(text)).toBe(width)
  expect(widthOf(cut(text.repeat(9), 7))).toBeLessThanOrEqual(7)
})

describe('which server', () => {
  const kept = {
    server: 'https://one.example',
    servers: { 'https://one.example': { key: 'slk_one', environment: 'production' } },
  }

  test('is the one that is said, then that of the environment, then the one that is kept', () => {
    expect(whichServer({}, {}, kept)).toEqual({
      ...{ url: 'https://one.example', key: 'slk_one', environment: 'production' },
    })
    expect(whichServer({ environment: 'staging' }, { SLUICE_KEY: 'slk_x' }, kept)).toMatchObject({
      ...{ key: 'slk_x', environment: 'staging' },
    })
    expect(whichServer({ server: 'one.example/' }, { SLUICE_SERVER: 'two.example' }, kept)).toMatchObject({
      ...{ url: 'https://one.example', key: 'slk_one' },
    })
  })

  test('S72: is never given the key of another', () => {
    for (const server of ['https://two.example', 'http://one.example', 'https://one.example:8443'])
      expect(() => whichServer({ server }, {}, kept)).toThrow(/There is no key for/)
    expect(() => whichServer({}, {}, { servers: {} })).toThrow(/sluice login/)
    expect(() => whichServer({ environment: 'acme/shop#production' }, {}, kept)).toThrow(/--database/)
  })

  test.each(['ftp://x', 'https://user:word@x', 'https://x?key=1', 'https://', ''])('%j is none', text => {
    expect(() => serverUrl(text)).toThrow(/no address of a server/)
  })

  test('without https is warned of, unless it is this machine', () => {
    expect(warningOf('http://sluice.example')).toMatch(/not https/)
    for (const url of [
      'https://sluice.example',
      'http://localhost:3000',
      'http://127.0.0.1:1',
      'http://[::1]:1',
    ])
      expect(warningOf(url)).toBeNull()
  })

  test('is kept where the system keeps such things', () => {
    expect(keptFile({ HOME: '/h' }, 'linux')).toBe('/h/.config/sluice/config.json')
    expect(keptFile({ HOME: '/h', XDG_CONFIG_HOME: '/x' }, 'linux')).toBe('/x/sluice/config.json')
    expect(keptFile({ HOME: '/h', XDG_CONFIG_HOME: 'x' }, 'linux')).toBe('/h/.config/sluice/config.json')
    expect(keptFile({ HOME: '/h' }, 'darwin')).toBe('/h/Library/Application Support/sluice/config.json')
  })
})

describe('the words behind a verb', () => {
  const verb: Verb = {
    ...{ summary: '', examples: [], takes: ['one', 'other?'], run: async () => 0 },
    options: { status: { type: 'string', words: ['good', 'bad'], help: '' } },
  }
  const parse = (...args: string[]) => parseVerb('sluice x', verb, args)

  test('are given by place, options anywhere', () => {
    expect(parse('a', '--status', 'good', '-e', 'staging')).toMatchObject({
      given: ['a', ''],
      values: { status: 'good', environment: 'staging' },
    })
    expect(parse('--', '--odd').given).toEqual(['--odd', ''])
  })

  test.each<[string[], RegExp]>([
    [[], /Say which one/],
    [['a', 'b', 'c'], /"c" is not expected/],
    [['a', '--statsu', 'good'], /no option --statsu. Did you mean --status\?/],
    [['a', '--status', 'god'], /--status god: give good or bad. Did you mean good\?/],
    [['a', '--status'], /"sluice x --help"/],
    [['a', '-x'], /no option -x/],
  ])('%j is told with what there is', (args, message) => {
    expect(() => parse(...args)).toThrow(message)
  })
})

describe('the tables', () => {
  test('name the same commands, each with help, examples that are its own, and no option twice', () => {
    expect(Object.keys(nouns).toSorted()).toEqual([...ofServer].toSorted())
    expect(new Set(allCommands).size).toBe(allCommands.length)
    for (const [name, { verbs }] of Object.entries(nouns)) {
      for (const [verb, one] of Object.entries(verbs)) {
        expect(one.examples.length).toBeGreaterThan(0)
        expect(one.examples.join()).toContain(`sluice ${name} ${verb}`)
        expect(one.summary).toMatch(/\.$/)
      }
    }
  })

  test('docs/command-line.md tells every exit code and every verb', () => {
    const docs = readFileSync(path.resolve(import.meta.dirname, '../../docs/command-line.md'), 'utf8')
    for (const { code, means } of Object.values(exitCodes)) expect(docs).toContain(`| ${code} | ${means} |`)
    for (const [name, { verbs }] of Object.entries(nouns))
      expect(docs).toMatch(new RegExp(`^sluice ${name} [\\s\\S]*${Object.keys(verbs)[0]}`, 'm'))
  })

  test('every mistake has its exit code, and only an unknown one is 1', () => {
    const ends = Object.fromEntries(
      (Object.keys(codes) as (keyof typeof codes)[]).map(code => [code, exitCodeOf(new AppError(code, ''))]),
    )
    expect(ends).toMatchObject({ malformed: 2, forbidden: 3, not_found: 4, conflict: 5, unavailable: 7 })
    expect(exitCodeOf(new Error('odd'))).toBe(1)
    expect(exitCodeOf(new AppError('conflict', '', { reason: 'not_confirmed' }))).toBe(6)
  })
})
