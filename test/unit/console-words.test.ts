// The console's pure parts: escaping, where one may be sent to, forms' tokens, colours of logs, percentiles, filters.
import { describe, expect, test } from 'vitest'
import { readFilled, toFilters, writeFilled } from '../../src/console/executions/filters.ts'
import { colored } from '../../src/console/html/ansi.ts'
import { html } from '../../src/console/html/html.ts'
import { sentences } from '../../src/console/html/markdown.ts'
import { duration, percent } from '../../src/console/html/words.ts'
import { percentile } from '../../src/console/rollups/percentiles.ts'
import { formToken, isFormToken } from '../../src/console/session/csrf.ts'
import { safeNext } from '../../src/console/session/sessions.ts'

describe('escaping', () => {
  test.each([
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['"><script>alert(1)</script>', '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;'],
    ["' onclick='x", '&#39; onclick=&#39;x'],
    ['a\u202Egnp.exe', 'a\\u202egnp.exe'],
    ['\u0000\u0007', '\\u0000\\u0007'],
    ['\uD800', '\uFFFD'],
    ['&amp;', '&amp;amp;'],
  ])('S65: %j stands as text', (given, shown) => {
    expect(html`${given}`.text).toBe(shown)
  })

  test('S68: a log line gives colours and nothing else', () => {
    const line = '\u001b[31mred\u001b[0m \u001b]8;;https://evil.test\u0007link\u001b]8;;\u0007 <b>\u001b[2J'
    expect(colored(line).text).toBe('<span class="ansi-red">red</span> link &lt;b&gt;')
  })

  test('what the verbs say is text but for code and names', () => {
    expect(sentences('**prod** ran `a<b`, [x](javascript:1)').text).toBe(
      '<strong>prod</strong> ran <code>a&lt;b</code>, [x](javascript:1)',
    )
  })
})

describe('where one is sent after signing in', () => {
  test.each(['/console', '/console/acme/shop', '/console/acme/shop?state=failed&q=a'])('%s', next => {
    expect(safeNext(next)).toBe(next)
  })
  test.each([
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    '/console//evil.test',
    '/console/../api',
    '/consolex',
    'javascript:alert(1)',
    '/console/\\evil',
    '/api/functions',
    undefined,
    ['/console/a'],
  ])('S61: %j is none of ours', next => {
    expect(safeNext(next)).toBe('/console')
  })
})

test('S59: a form token is another each time, and good for its session alone', () => {
  const [one, other] = [formToken('key', 'a'), formToken('key', 'a')]
  expect(one).not.toBe(other)
  expect([isFormToken('key', 'a', one), isFormToken('key', 'a', other)]).toEqual([true, true])
  expect([isFormToken('key', 'b', one), isFormToken('other', 'a', one), isFormToken('key', 'a', '')]).toEqual(
    [false, false, false],
  )
})

describe('figures', () => {
  test('half, and all but one in twenty, to a tenth', () => {
    const counts = Array.from({ length: 100 }, (_, index) => index + 1).map(ms => ({
      bucket: Math.max(0, Math.ceil(Math.log(ms) / Math.log(1.2))),
      amount: 1,
    }))
    expect(percentile(counts, 0.5)).toBeCloseTo(50, -1)
    expect(percentile(counts, 0.95)).toBeGreaterThan(85)
    expect(percentile(counts, 0.95)).toBeLessThan(105)
    expect(percentile([{ bucket: -1, amount: 5 }], 0.5)).toBeNull()
  })

  test('in words', () => {
    expect([duration(0.84), duration(12.4), duration(1_234), duration(64_000), duration(184_000)]).toEqual([
      '0.8 ms',
      '12 ms',
      '1.23 s',
      '64.0 s',
      '3 m 4 s',
    ])
    expect([percent(0, 0), percent(0, 5), percent(1, 3_000), percent(1, 80), percent(1, 2)]).toEqual([
      '–',
      '0 %',
      '0.03 %',
      '1.3 %',
      '50 %',
    ])
  })
})

test('the filters of executions are read from an address, and written into it again', () => {
  const query = {
    state: ['failed', 'nonsense'],
    function: 'mail',
    code: 'ER0001',
    by: 'cron',
    metadata: 'customer=42,customer=43,plan=a=b',
    from: '2026-11-22T10:00',
    to: 'yesterday',
  }
  const filled = readFilled(query)
  expect(readFilled(Object.fromEntries(writeFilled(filled)))).toEqual(filled)
  expect(toFilters(filled, new Map([['mail', ['id-1']]]))).toEqual({
    states: ['failed'],
    errorCodes: ['ER0001'],
    functionIds: ['id-1'],
    scheduledAt: { from: new Date('2026-11-22T10:00:00Z'), to: null },
    startedAt: null,
    executedBy: 'cron',
    metadata: [
      { key: 'customer', values: ['42', '43'] },
      { key: 'plan', values: ['a=b'] },
    ],
  })
  expect(toFilters(filled, new Map()).functionIds).toEqual(['00000000-0000-0000-0000-000000000000'])
})
