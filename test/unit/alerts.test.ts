// When a function counts as failing and when it works again, which failures are of one kind, and the message of both, whatever a
// stranger has thrown.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Change, decide, type Standing } from '../../src/alerts/decision.ts'
import { addErrors } from '../../src/alerts/errors.ts'
import { failureOf } from '../../src/alerts/fingerprint.ts'
import type { FailingFunction, IncidentView } from '../../src/alerts/incident-view.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'
import { channelOf } from '../../src/slack/channel.ts'
import type { Block } from '../../src/slack/render.ts'
import { renderAlert } from '../../src/slack/render-alert.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 10, minute))

describe('a function', () => {
  const quiet: Standing = { open: false, failed: 0, lastFailedAt: null, lastSucceededAt: null, gone: false }
  const failing: Standing = { ...quiet, open: true, failed: 5, lastFailedAt: at(5) }
  test.each<[string, Standing, Change]>([
    ['that never failed', quiet, null],
    ['with fewer failures than it takes', { ...quiet, failed: 4, lastFailedAt: at(5) }, null],
    ['with as many', { ...quiet, failed: 5, lastFailedAt: at(5) }, 'opens'],
    ['with as many, of which nobody wants to hear', { ...quiet, failed: 5, gone: true }, null],
    ['still failing', failing, null],
    ['that failed less lately, and has not succeeded', { ...failing, failed: 0 }, null],
    ['that succeeded, and failed after it', { ...failing, failed: 0, lastSucceededAt: at(4) }, null],
    ['that succeeded, among too many failures', { ...failing, lastSucceededAt: at(6) }, null],
    ['that succeeded after the last failure', { ...failing, failed: 1, lastSucceededAt: at(6) }, 'recovers'],
    ['that is archived while failing', { ...failing, gone: true }, 'goes'],
  ])('%s', (_name, standing, change) => {
    expect(decide(standing, 5)).toBe(change)
  })
})

describe('failures', () => {
  const record = (message: string, name = 'Error') => JSON.stringify({ name, message, stack: 'at 1' })
  const print = (message: string, name?: string) => failureOf(record(message, name)).fingerprint
  test.each([
    ['a number', 'order 17 is unpaid', 'order 4711 is unpaid'],
    ['an id', 'no user 6f1c-22ab', 'no user 01aa-3bd9'],
    ['what is quoted', 'cannot read "a b"', 'cannot read "c"'],
    ['an address', 'connect ECONNREFUSED 10.0.0.1:5432', 'connect ECONNREFUSED 10.0.0.2:5433'],
  ])('that differ by %s are of one kind', (_name, one, other) => {
    expect(print(one)).toBe(print(other))
  })

  test('of other names, or with other words, are of two', () => {
    expect(print('no such user', 'TypeError')).not.toBe(print('no such user', 'RangeError'))
    expect(print('no such user')).not.toBe(print('no such order'))
  })

  test('are read whatever was stored', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(null)), text => {
        const { fingerprint, name } = failureOf(text)
        expect(fingerprint).toMatch(/^[0-9a-f]{12}$/)
        expect(name).not.toBe('')
      }),
    )
  })

  test('are added up by kind, the most frequent first, five at most', () => {
    const sample = (message: string, amount: number) => ({
      functionId: 'f',
      amount,
      error: record(message),
      executionId: message,
    })
    const first = addErrors([], [sample('a 1', 2), sample('b', 5)])
    const second = addErrors(first, [sample('a 2', 4), ...['c', 'd', 'e', 'f'].map(one => sample(one, 1))])
    expect(second.map(one => [one.message, one.amount])).toEqual([
      ['a 2', 6],
      ['b', 5],
      ['c', 1],
      ['d', 1],
      ['e', 1],
    ])
  })
})

const one = (said: Partial<FailingFunction> = {}): FailingFunction => ({
  ...{ id: 'f', name: 'charge', failed: 7, errors: [], openedAt: at(0), closedAt: null, closedBecause: null },
  version: { number: 3, build: 12, sha: 'a'.repeat(40), author: 'alice' },
  ...said,
})
const works = { closedAt: at(12), closedBecause: 'recovered' as const }
const incident = (functions: FailingFunction[]): IncidentView => ({
  id: 'i',
  repository: { id: 1, owner: 'acme', name: 'shop', installationId: 1, file: defaultRepositoryFile },
  environment: { id: 'e', name: 'production', production: true, activeBuildId: 'b' },
  functions,
})
const render = (functions: FailingFunction[]) => renderAlert(incident(functions), 'https://sluice.test')
const textsOf = (blocks: readonly Block[]) =>
  blocks.flatMap(block =>
    block.type === 'section'
      ? [block.text.text]
      : block.type === 'context'
        ? block.elements.map(each => each.text)
        : [],
  )

const urlsOf = (blocks: readonly Block[]) =>
  blocks.flatMap(block => (block.type === 'actions' ? block.elements.map(each => each.url) : []))

describe('the message', () => {
  test('of one that fails says what, where, since which version and of what, with links to pages that ask first', () => {
    const errors = [{ fingerprint: 'x', name: 'TypeError', message: 'no card', amount: 7, executionId: 'e' }]
    const { blocks, notice, text } = render([one({ errors })])
    expect(text).toBe('acme/shop production: `charge` is failing')
    expect(textsOf(blocks).join('\n')).toContain('`charge`: 7 failed, version 3 of `aaaaaaa` by `alice`')
    expect(textsOf(blocks).join('\n')).toContain('7 × `TypeError: no card`')
    expect(notice).toBeNull()
    const place = 'https://sluice.test/console/acme/shop/production'
    expect(urlsOf(blocks)).toEqual([
      `${place}/do/pause?function=charge`,
      `${place}/do/rollback?function=charge`,
      `${place}/functions/charge`,
    ])
  })

  test('of ten is one, whose buttons hold for the environment', () => {
    const ten = Array.from({ length: 10 }, (_, index) => one({ id: `${index}`, name: `fn${index}` }))
    const { blocks, text } = render(ten)
    expect(text).toBe('acme/shop production: 10 functions are failing')
    const place = 'https://sluice.test/console/acme/shop/production'
    expect(urlsOf(blocks)).toEqual([`${place}/do/pause`, `${place}/do/rollback`, place])
  })

  test('says what works again, and is told in the thread only when all do', () => {
    expect(render([one(), one({ name: 'other', ...works })])).toMatchObject({
      notice: null,
      text: 'acme/shop production: 1 function is failing, 1 works again',
    })
    const { blocks, notice } = render([one(works)])
    expect(blocks.some(block => block.type === 'actions')).toBe(false)
    expect(textsOf(notice?.blocks ?? []).join()).toContain('`charge` works again')
    expect(textsOf(notice?.blocks ?? []).join()).toContain('after 12 min and 7 failed executions')
  })

  test('keeps to the limits of Slack, and nobody is called, whatever was thrown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 400 }), { minLength: 1, maxLength: 30 }),
        words => {
          const errors = words.map(word => ({
            fingerprint: word,
            name: `<!channel> ${word}`,
            message: `<@U1> ${word}`,
            amount: 1,
            executionId: 'e',
          }))
          const { blocks } = render(
            words.map((word, index) => one({ id: `${index}`, name: `${word}<!here>`, errors })),
          )
          for (const text of textsOf(blocks)) {
            expect(text.length).toBeLessThanOrEqual(3_000)
            expect(text).not.toMatch(/<[!@#]/)
          }
          for (const url of urlsOf(blocks))
            expect(url).toMatch(/^https:\/\/sluice\.test\/console\/[\w%.!~*'()/?=+-]+$/)
        },
      ),
    )
  })
})

test.each([
  ['its own', { production: '#prod' }, '#all', '#prod'],
  ['the repository’s', { staging: '#staging' }, '#all', '#all'],
  ['the operator’s', {}, null, '#ops'],
])('the channel of an environment is %s', (_name, channels, slack, expected) => {
  const environments = Object.fromEntries(
    Object.entries(channels).map(([name, channel]) => [
      name,
      { branch: 'main', root: '.', crons: true, watch: [], slack: channel },
    ]),
  )
  const notifications = { ...defaultRepositoryFile.notifications, slack }
  expect(channelOf({ ...defaultRepositoryFile, environments, notifications }, 'production', '#ops')).toBe(
    expected,
  )
})
