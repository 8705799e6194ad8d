// The Slack message of a build in each of its states, and hostile words in mrkdwn.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { block, code, prose } from '../../src/slack/mrkdwn.ts'
import { renderBuild, renderNotice } from '../../src/slack/render-build.ts'
import { slackTargets } from '../../src/slack/targets.ts'
import { aView, changes, failure, live, states } from '../support/build-view.ts'

const z = '\u200b'

describe('words of others', () => {
  test.each([
    [code('main'), '`main`'],
    [code('a`b'), "`a'b`"],
    [code('<!channel>'), '`&lt;!channel&gt;`'],
    [code(''), '` `'],
    [prose('a & <b>'), 'a &amp; &lt;b&gt;'],
    [prose('&lt;'), '&amp;lt;'],
    [prose('<@U1> *bold* _it_'), `&lt;@U1&gt; ${z}*${z}bold${z}*${z} ${z}_${z}it${z}_${z}`],
    [prose('<https://evil|click>'), '&lt;https://evil|click&gt;'],
    [prose('two\nlines'), 'two lines'],
    [block('```x', 100), "```\n'''x\n```"],
  ])('%j', (shown, expected) => {
    expect(shown).toBe(expected)
  })

  test('M46: never mention, link or end their block, and stay within the limit', () => {
    const text = fc.string({
      unit: fc.constantFrom('<', '>', '&', '`', '!here', '@U1', '|', '\n', 'ü', '🎉'),
    })
    fc.assert(
      fc.property(text, words => {
        const shown = block(words, 60)
        expect(shown.length).toBeLessThanOrEqual(60)
        expect(shown.slice(4, -4)).not.toMatch(/[<>]|```|&(?!amp;|lt;|gt;)/)
      }),
    )
  })
})

describe('the message of a build', () => {
  test.each(Object.entries(states))('that is %s stays within the limits of Slack', (_name, view) => {
    const { text, blocks } = renderBuild({ ...view, message: 'x'.repeat(5_000), author: 'y'.repeat(500) })
    expect(text.length).toBeLessThan(300)
    expect(blocks.length).toBeLessThanOrEqual(50)
    for (const one of blocks) {
      const texts = one.type === 'section' ? [one.text] : one.type === 'context' ? one.elements : []
      for (const { text } of texts) expect(text.length).toBeLessThanOrEqual(3_000)
    }
  })

  test('says what, where, which commit, by whom and how long it took', () => {
    const { blocks } = renderBuild(states.live)
    const shown = JSON.stringify(blocks)
    expect(shown).toContain('Live in production: 1 added, 1 archived')
    expect(shown).toContain('`acme/shop` → `production`, `main` at `aaaaaaa` work')
    expect(shown).toContain('*added* `greet`\\n*archived* `old`')
    expect(shown).toContain('by `alice`, took 1 min 15 s')
  })

  test('says why it failed, in which stage, what to do, and how long each stage took', () => {
    const at = (ms: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + ms)
    const { blocks } = renderBuild({
      ...aView({ state: 'failed', failure: { ...failure, stage: 'compiling' } }),
      stages: [
        { stage: 'fetching', at: at(0) },
        { stage: 'compiling', at: at(74_800) },
      ],
      builder: { channel: 'canary', version: '2' },
    })
    const shown = JSON.stringify(blocks)
    expect(shown).toContain('Reason: `compile_failed`, in stage `compile`. Correct the lines that are named.')
    expect(shown).toContain('took 1 min 15 s, fetch 1 min 15 s · compile 0.2 s, builder canary 2')
  })

  test('is the same for all stages of a build, so that none of them edits it', () => {
    const of = (state: 'fetching' | 'compiling') => renderBuild(aView({ state }))
    expect(of('fetching')).toEqual(of('compiling'))
  })

  test('with hundreds of functions and a failure of many lines is cut, not refused', () => {
    const names = Array.from({ length: 500 }, (_, n) => `<${n}>${'n'.repeat(100)}`)
    const long = { ...failure, message: '&'.repeat(10_000) }
    const { blocks } = renderBuild({ ...aView(live(changes({ added: names }))), failure: long })
    for (const one of blocks)
      if (one.type === 'section') expect(one.text.text.length).toBeLessThanOrEqual(3_000)
    expect(JSON.stringify(blocks)).toContain('and 480 more')
  })
})

describe('a notice', () => {
  test.each([
    ['the first failure', aView({ state: 'failed', failure }), 'failed'],
    ['a failure after a success', aView({ state: 'failed', failure, previous: 'succeeded' }), 'failed'],
    ['a failure after a failure', aView({ state: 'failed', failure, previous: 'failed' }), undefined],
    ['a recovery', aView({ ...live(), previous: 'failed' }), 'recovered'],
    ['a success after a success', aView({ ...live(), previous: 'succeeded' }), undefined],
    ['a build held back after a failure', { ...states.pinned, previous: 'failed' as const }, undefined],
    [
      'a commit that goes back to what is live',
      { ...states.unchanged, previous: 'failed' as const },
      'recovered',
    ],
    ['one that changes nothing', { ...states.unchanged, previous: 'succeeded' as const }, undefined],
    ['a build under way', aView({ state: 'compiling', previous: 'failed' }), undefined],
  ])('%s', (_name, view, key) => {
    expect(renderNotice(view)?.key).toBe(key)
  })
})

test('a commit that changes nothing is no message, unless it ends a failure', () => {
  const unchanged = { type: 'build.unchanged' as const, repositoryId: 7, buildId: 'b' }
  expect(slackTargets({ ...unchanged, data: { recovered: false } })).toEqual([])
  expect(slackTargets({ ...unchanged, data: { recovered: true } })).toEqual([
    { kind: 'slack-build', subject: 'b' },
  ])
})

test('commands and configuration touch no message', () => {
  const base = { repositoryId: 7, buildId: 'b' }
  expect(slackTargets({ ...base, type: 'build.failed' })).toEqual([{ kind: 'slack-build', subject: 'b' }])
  expect(slackTargets({ ...base, type: 'command.finished' })).toEqual([])
  expect(slackTargets({ repositoryId: 7, type: 'build.failed' })).toEqual([])
})
