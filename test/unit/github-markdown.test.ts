// Hostile words in GitHub's Markdown: nothing of them comes to life, and nothing of them is lost without need.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  codeSpan,
  fence,
  prose,
  table,
  truncate,
  withoutCommands,
} from '../../src/github/reports/markdown.ts'

const z = '\u200b'

describe('code within a sentence', () => {
  test.each([
    ['main', '`main`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['``x', '``` ``x ```'],
    ['two\nlines', '`two lines`'],
    ['', '` `'],
    ['\u001b[31mred\u001b[0m', '`red`'],
    ['left\u202eright', '`leftright`'],
    ['@everyone #1 <b>', '`@everyone #1 <b>`'],
  ])('%j becomes %j', (text, markdown) => {
    expect(codeSpan(text)).toBe(markdown)
  })

  test('M46: no text closes its own span', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ', '@', '\n') }), text => {
        const span = codeSpan(text)
        const tick = span.match(/^`+/)?.[0] ?? ''
        expect(span.slice(tick.length, -tick.length).match(/`+/g) ?? []).not.toContain(tick)
      }),
    )
  })
})

describe('a fence', () => {
  test('is longer than any run of backticks in it', () => {
    expect(fence('a\n````\nb')).toBe('`````\na\n````\nb\n`````')
  })

  test('M46: no text ends it early', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'x', '~') }), text => {
        const lines = fence(text).split('\n')
        const ticks = lines[0] ?? ''
        expect(lines.slice(1, -1).some(line => line.trim() === ticks)).toBe(false)
        expect(lines.at(-1)).toBe(ticks)
      }),
    )
  })
})

describe('running text', () => {
  test.each([
    ['@octocat', `@${z}octocat`],
    ['fixes #12', `fixes #${z}12`],
    ['GH-7', `GH-${z}7`],
    ['a <script> & b', 'a &lt;script&gt; &amp; b'],
    ['![x](http://evil)', `\\!\\[x\\]\\(http:${z}//evil\\)`],
    ['**bold** _it_ ~no~', '\\*\\*bold\\*\\* \\_it\\_ \\~no\\~'],
    ['# heading', `${z}# heading`],
    ['- list', `${z}- list`],
    ['1. list', `${z}1. list`],
    ['/delete production', '\\/delete production'],
    ['www.evil.test', `www${z}.evil.test`],
    ['a | b', 'a \\| b'],
  ])('%j becomes %j', (text, markdown) => {
    expect(prose(text)).toBe(markdown)
  })
})

describe('a table', () => {
  test('keeps one row a line and one cell a column, whatever the cells hold', () => {
    const rows = [
      [codeSpan('a|b'), codeSpan('c\\|d')],
      [codeSpan('e\\\\|f'), prose('g|h\ni')],
    ]
    const lines = table(['One', 'Two'], rows).split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) {
      const ends = [...line.matchAll(/(\\*)\|/g)].filter(([, slashes = '']) => slashes.length % 2 === 0)
      expect(ends).toHaveLength(3)
    }
  })
})

describe('an answer of ours', () => {
  test.each([
    ['/resume production', '\\/resume production'],
    ['  /resume', '  \\/resume'],
    ['text /resume', 'text /resume'],
    ['```\n/resume\n```\n/pause', '```\n/resume\n```\n\\/pause'],
    ['~~~\n/resume\n```\n/resume\n~~~\n/x', '~~~\n/resume\n```\n/resume\n~~~\n\\/x'],
    ['``` a``b ```\n/resume', '``` a``b ```\n\\/resume'],
    ['`/resume`', '`/resume`'],
  ])('%j never starts a line with a command: %j', (markdown, safe) => {
    expect(withoutCommands(markdown)).toBe(safe)
  })
})

describe('cutting', () => {
  test('what fits stays as it is', () => {
    expect(truncate('short', 100)).toBe('short')
  })

  test('M28: cuts at a line and closes the fence that is open there', () => {
    const cut = truncate(`intro\n\`\`\`\`text\n${'line\n'.repeat(100)}\`\`\`\``, 120, 'More in the log.')
    expect(cut).toMatch(/^intro\n````text\n(line\n)+````\n\nMore in the log\.$/)
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(120)
  })

  test('counts bytes, not characters', () => {
    const cut = truncate('é\n'.repeat(100), 150)
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(150)
  })

  test('never exceeds its limit', () => {
    const text = fc.string({ unit: fc.constantFrom('`', '```', '\n', 'é', 'text ', '```\n'), maxLength: 300 })
    fc.assert(
      fc.property(text, fc.integer({ min: 60, max: 400 }), (markdown, limit) => {
        expect(Buffer.byteLength(truncate(markdown, limit))).toBeLessThanOrEqual(limit)
      }),
    )
  })
})
