import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesSpoken } from '../../src/commands/markdown.ts'
import { maxLineLength, parseComment, parseLine } from '../../src/commands/parse.ts'

const names = ['help', 'status', 'pause', 'resume', 'rollback', 'delete', 'cancel-deletion']
const parse = (body: string, more: { slug?: string; requirePrefix?: boolean } = {}) =>
  parseComment(body, { names, requirePrefix: false, ...more })
/** The lines that are commands, in order. */
const commandsOf = (body: string) => parse(body).commands.map(command => command.line)
const text = (...lines: string[]) => lines.join('\n')

describe('a line is a command', () => {
  test.each([
    ['when it is all there is', '/pause', ['/pause']],
    ['with up to three blanks before it', '   /pause', ['/pause']],
    ['in any case', '/PAUSE production', ['/PAUSE production']],
    ['between other lines', text('hello', '/pause', 'bye'), ['/pause']],
    ['with Windows line ends', 'hello\r\n/pause\r\nbye', ['/pause']],
    ['more than once, in order', text('/pause', 'and then', '/resume'), ['/pause', '/resume']],
    ['after a fence has ended', text('```', 'x', '```', '/pause'), ['/pause']],
    ['after a quote', text('> what about it?', '', '/pause'), ['/pause']],
    ['after an HTML comment', text('<!-- x', 'y -->', '/pause'), ['/pause']],
    ['in an item of a list, on a line of its own', text('- as agreed', '  /pause'), ['/pause']],
    ['beside inline code', text('see `this`', '/pause', 'and `that`'), ['/pause']],
    ['after a backtick that nothing closes', text('a ` b', '/pause'), ['/pause']],
    ['after an escaped backtick', text('a \\` b', '/pause', 'c ` d'), ['/pause']],
    ['after backticks of another number', text('a `` b', '/pause', 'c ` d'), ['/pause']],
    ['after a comment that nothing closes inside a paragraph', text('a <!-- b', '/pause'), ['/pause']],
    [
      'when a backtick before stands in another paragraph',
      text('a ` b', '', '/pause', '', 'c ` d'),
      ['/pause'],
    ],
    ['when a backtick before stands in a heading', text('# a ` b', '/pause', 'c'), ['/pause']],
    ['after a fence that ended with its list item', text('- ```', '  x', '', '/pause'), ['/pause']],
    ['after a fence of backticks whose line holds one more', text('``` a`b', '/pause'), ['/pause']],
  ])('%s', (_name, body, expected) => {
    expect(commandsOf(body)).toEqual(expected)
  })
})

describe('a line is no command', () => {
  test.each([
    ['in a fence', text('```', '/pause', '```')],
    ['in a fence with a language', text('```sh', '/pause', '```')],
    ['in a fence of tildes', text('~~~', '/pause', '~~~')],
    ['in a fence of tildes that holds backticks', text('~~~', '```', '/pause', '~~~')],
    ['in a longer fence that holds a shorter one', text('````', '```', '/pause', '```', '/pause', '````')],
    ['in a fence that nothing ends', text('```', '/pause')],
    ['in a fence whose end is indented too far', text('```', '    ```', '/pause')],
    ['in a fence with words after its marks, which do not end it', text('```', '``` x', '/pause', '```')],
    ['in a fence inside a list item', text('- ```', '  /pause', '  ```')],
    [
      'in a fence inside a numbered item that is not the first',
      text('1. a', '2. ```', '   /pause', '   ```'),
    ],
    ['in a fence inside an item of an item', text('- - ```', '    /pause', '    ```')],
    [
      'in a fence opened after a line further left ended the one in the item',
      text('- a', '  ```', 'b', '```', '/pause', '```'),
    ],
    ['in a fence between blank lines', text('```', '', '/pause', '', '```')],
    ['indented by four blanks', '    /pause'],
    ['indented by a tab', '\t/pause'],
    ['in inline code', '`/pause`'],
    ['in inline code that spans lines', text('so `a', '/pause', 'b` it was')],
    ['in inline code of two backticks that holds one', text('so ``a ` b', '/pause', 'c`` it was')],
    ['in a quote', '> /pause'],
    ['in a quote without a blank', '>/pause'],
    ['in a quote inside a list', '- > /pause'],
    ['in an HTML comment', '<!-- /pause -->'],
    ['in an HTML comment of several lines', text('<!--', '/pause', '-->')],
    ['in an HTML comment with blank lines', text('<!--', '', '/pause', '', '-->')],
    ['in an HTML comment that nothing ends', text('<!--', '', '/pause')],
    ['in an HTML comment inside a paragraph', text('so <!-- a', '/pause', 'b --> it was')],
    ['in preformatted HTML', text('<pre>', '/pause', '', '/pause', '</pre>')],
    ['in a quote of HTML', text('<blockquote>', '', '/pause', '', '</blockquote>')],
    ['after other words', 'please /pause'],
    ['as an item of a list', '- /pause'],
    ['as a heading', '# /pause'],
    ['when its name goes on', text('/pauses', 'x')],
    ['when it is a path', '/pause/production'],
    ['with a blank after the slash', '/ pause'],
    ['escaped', '\\/pause'],
    ['when the word is not ours', '/deployment'],
    ['when there is nothing', ''],
  ])('M9: %s', (_name, body) => {
    expect(parse(body)).toEqual({ commands: [], problems: [] })
  })
})

describe('the words of a line', () => {
  const words = (line: string) => parseLine(line)?.words.map(word => (word.quoted ? [word.text] : word.text))
  test.each([
    ['are apart by blanks and tabs', '/pause  a\tb ', ['a', 'b']],
    ['and by blanks that do not break', '/pause\u00a0a\u00a0b', ['a', 'b']],
    ['a quoted text is one', '/pause a "b  c"', ['a', ['b  c']]],
    ['in single quotes too', "/pause 'b c'", [['b c']]],
    ['in typographic ones too', '/pause \u201cb c\u201d', [['b c']]],
    ['a name set as code is a name', '/pause `sendMail`', ['sendMail']],
    ['an apostrophe inside a word is part of it', "/pause a don't", ['a', "don't"]],
    ['an empty text is one too', '/pause ""', [['']]],
    ['HTML comments are no words', '/pause a <!-- b --> c', ['a', '<!--', 'b', '-->', 'c']],
  ])('%s', (_name, line, expected) => {
    expect(words(line)).toEqual(expected)
  })

  test('M9: HTML comments are taken out of a comment before its lines are read', () => {
    expect(parse('/pause a <!-- b --> c').commands[0]?.words.map(word => word.text)).toEqual(['a', 'c'])
    expect(commandsOf(text('/pause a <!-- b', 'c --> d'))).toEqual(['/pause a'])
  })

  test.each([
    ['a flag alone', '/delete x --dry-run', { 'dry-run': '' }, ['x']],
    ['a flag does not take the next word', '/delete --dry-run x', { 'dry-run': '' }, ['x']],
    ['a flag with its value', '/delete x --confirm=x', { confirm: 'x' }, ['x']],
    ['a flag with its value after it', '/delete x --confirm x', { confirm: 'x' }, ['x']],
    ['a flag with a quoted value', '/delete --confirm "a b"', { confirm: 'a b' }, []],
    ['a flag with a quoted value, joined', '/delete --confirm="a b" x', { confirm: 'a b' }, ['x']],
    ['a flag in any case', '/delete --Dry-Run', { 'dry-run': '' }, []],
    ['a flag whose dashes a phone made one', '/delete \u2014confirm x', { confirm: 'x' }, []],
    ['a flag that lacks its value', '/delete x --confirm', { confirm: '' }, ['x']],
    ['of two the last', '/delete --confirm a --confirm b', { confirm: 'b' }, []],
    ['a flag named like something of every object', '/delete --constructor=1', { constructor: '1' }, []],
    ['a quoted flag is text', '/pause "--dry-run"', {}, ['--dry-run']],
  ])('%s', (_name, line, flags, expected) => {
    const parsed = parseLine(line)
    expect([...(parsed?.flags ?? [])]).toEqual(Object.entries(flags))
    expect(parsed?.words.map(word => word.text)).toEqual(expected)
  })

  test('a quotation mark that is not closed is a problem', () => {
    for (const line of ['/pause "a', "/pause 'a", '/delete --confirm="a', '/pause \u201ca"'])
      expect(parseLine(line)?.problem, line).toBe('unclosed_quote')
  })

  test('a line that is too long is a problem, is not read, and is kept no longer than needed to tell', () => {
    const line = `/pause ${'x '.repeat(2_000)}`
    const parsed = parse(line).commands[0]
    expect(parsed).toMatchObject({ problem: 'line_too_long', words: [] })
    expect(parseLine(parsed?.line ?? '')?.problem).toBe('line_too_long')
    expect(parsed?.line).toHaveLength(maxLineLength + 1)
    expect(parse(`/pause x${' '.repeat(2_000)}`).commands[0]?.problem).toBeNull()
  })

  test('a NUL, which PostgreSQL cannot store, is replaced', () => {
    expect(parse('/pause a\0b').commands[0]?.line).toBe('/pause a\ufffdb')
  })
})

describe('our name in front', () => {
  test.each([
    ['may stand there', '/sluice pause a', {}, ['pause']],
    ['in any case', '/Sluice Pause a', {}, ['pause']],
    ['alone asks for help', '/sluice', {}, ['help']],
    ['is the slug of the App', '/sluice-acme pause', { slug: 'sluice-acme' }, ['pause']],
    ['has to, where the repository says so', '/pause', { requirePrefix: true }, []],
    ['and then does', '/sluice pause', { requirePrefix: true }, ['pause']],
    ['of another App is not ours', '/other pause', {}, []],
  ])('%s', (_name, body, more, expected) => {
    expect(parse(body, more).commands.map(command => command.name)).toEqual(expected)
  })
})

describe('an unknown word', () => {
  test.each([
    ['near one of ours, alone in a comment, is a slip', '/pasue production', ['pasue']],
    ['alone, but far from ours, is not', '/deploy production', []],
    ['near ours, but in company, is not', text('/pasue', 'thanks'), []],
    ['near ours, but in code, is not', '`/pasue`', []],
    ['near ours, where our name has to stand in front, is not', '/pasue', []],
    ['after our name is meant for us, however far', '/sluice deploy', ['deploy']],
  ])('%s', (name, body, expected) => {
    const requirePrefix = name.includes('has to stand')
    expect(parse(body, { requirePrefix }).commands.map(command => command.name)).toEqual(expected)
  })
})

test('a comment may hold five commands of ours; one more is a problem, and words of others do not count', () => {
  const lines = ['/a', '/pause 1', '/b', '/pause 2', '/pause 3', '/c', '/pause 4', '/pause 5']
  expect(parse(text(...lines))).toMatchObject({ commands: { length: 5 }, problems: [] })
  const { commands, problems } = parse(text(...lines, '/pause 6', '/pause 7'))
  expect(commands.map(command => command.line)).toEqual([1, 2, 3, 4, 5].map(n => `/pause ${n}`))
  expect(problems).toEqual([{ code: 'too_many_commands', line: '/pause 6' }])
})

describe('whatever the comment', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '/pause',
      '`',
      '``',
      '```',
      '~~~',
      '>',
      '<!--',
      '-->',
      '- ',
      '1. ',
      '    ',
      '\t',
      '\n',
      '\r\n',
      '\n\n',
      '"',
      "'",
      '--confirm',
      '=',
      '\\',
      '<pre>',
      '</pre>',
      '# ',
      '---',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
  )
  const comment = fc.array(piece, { maxLength: 60 }).map(pieces => pieces.join(''))

  test('parsing never throws, keeps to the limits, and a stored line reads the same again', () => {
    fc.assert(
      fc.property(comment, body => {
        const { commands } = parse(body)
        expect(commands.length).toBeLessThanOrEqual(5)
        for (const { line, ...read } of commands) {
          expect(line.length).toBeLessThanOrEqual(maxLineLength + 1)
          expect(parseLine(line)).toEqual({ ...read, line })
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('M9: nothing inside a fence or a quote is ever a command', () => {
    fc.assert(
      fc.property(comment, body => {
        const inside = body.replaceAll('~', '')
        expect(commandsOf(`~~~~\n${inside}\n~~~~`)).toEqual([])
        expect(
          commandsOf(
            body
              .split(/\r\n|\n|\r/)
              .map(line => `> ${line}`)
              .join('\n'),
          ),
        ).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test('a command in a paragraph of its own after any closed text is found', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a `b` c', '> x', '- y', '```\nz\n```', '<!-- w -->', '# v'), {
          maxLength: 10,
        }),
        parts => {
          expect(commandsOf([...parts, '/pause x'].join('\n\n'))).toEqual(['/pause x'])
        },
      ),
    )
  })
})

describe('the time it takes grows as the comment does', () => {
  const hostile: Record<string, (length: number) => string> = {
    'backticks of rising numbers': length => {
      const runs: string[] = []
      for (let total = 0, run = 1; total < length; total += ++run) runs.push('`'.repeat(run))
      return runs.join(' ')
    },
    'single backticks': length => '` '.repeat(length / 2),
    'pairs that never match': length => '`` ` '.repeat(length / 5),
    'comments that never end': length => 'a <!-- '.repeat(length / 7),
    'list marks in a line': length => '- '.repeat(length / 2),
    'numbered marks in a line': length => '1. '.repeat(length / 3),
    'quote marks in a line': length => '>'.repeat(length),
    'list marks in lines, ever deeper': length => {
      const lines: string[] = []
      for (let total = 0, depth = 0; total < length; total += depth * 2 + 2)
        lines.push(`${'  '.repeat(depth++)}- a`)
      return lines.join('\n')
    },
    'blank lines': length => '\n'.repeat(length),
    'short lines of one paragraph': length => 'a\n'.repeat(length / 2),
    'commands that are not ours': length => '/abc\n'.repeat(length / 5),
    'blanks before nothing': length => ' '.repeat(length),
    'blanks inside a line': length => `a${' '.repeat(length)}b`,
    'rules that turn out to be none': length => `${'- '.repeat(length / 2)}x`,
    'fence marks': length => '`'.repeat(length),
    'fences opened and left': length => '```a\n'.repeat(length / 5),
    backslashes: length => '\\'.repeat(length),
    'angle brackets': length => '<!-'.repeat(length / 3),
    'one endless command': length => `/pause ${'"a" '.repeat(length / 4)}`,
  }

  /** Of the processor, and the best of several: what else the machine does counts for little. */
  const bestMs = (body: string) => {
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < 3; round++) {
      const before = process.cpuUsage()
      parse(body)
      const { user, system } = process.cpuUsage(before)
      best = Math.min(best, (user + system) / 1_000)
    }
    return best
  }

  test.each(Object.keys(hostile))('with %s', name => {
    const make = hostile[name] ?? (() => '')
    bestMs(make(20_000))
    const small = bestMs(make(60_000))
    const large = bestMs(make(480_000))
    // Eight times the length: eight times the time where it is linear, 64 times where it is not.
    expect(large / Math.max(small, 0.2)).toBeLessThan(30)
  })
})

test('the spoken lines of an ordinary comment are those a reader would call text', () => {
  const body = text(
    'Hi,',
    '',
    '> quoted',
    '',
    'see `code` and <!-- hidden --> this',
    '',
    '```',
    'x',
    '```',
    'bye',
  )
  expect(linesSpoken(body)).toEqual(['Hi,', 'see `code` and   this', 'bye'])
})
