// Which buttons a check has, and that they are as GitHub takes them.
import { expect, test } from 'vitest'
import { buttonsOf } from '../../src/github/reports/checks/buttons.ts'
import { renderCheck } from '../../src/github/reports/checks/render-check.ts'
import { aView, failure, live, states } from '../support/build-view.ts'

const overlay = { functionName: null, reason: null, actor: 'max', until: null }
const paused = { ...overlay, kind: 'pause' as const }
const pinned = { ...overlay, kind: 'pin' as const }
const failed = { state: 'failed' as const, failure }

test.each([
  ['of a build that waits', states.queued, []],
  ['of a build that goes on', states.installing, []],
  ['of a failed one', aView(failed), ['retry']],
  ['of a failed one that others followed', aView({ ...failed, newerSha: 'b'.repeat(40) }), []],
  ['of a cancelled one', states.cancelled, ['retry']],
  ['of the first that is live', aView(live()), ['pause']],
  ['of a later one', aView({ ...live(), hasEarlier: true }), ['rollback', 'pause']],
  ['where it is paused', aView({ ...live(), overlays: [paused] }), ['resume']],
  [
    'where one function is',
    aView({ ...live(), overlays: [{ ...paused, functionName: 'greet' }] }),
    ['pause'],
  ],
  [
    'after a rollback',
    aView({ ...live(), hasEarlier: true, overlays: [pinned] }),
    ['rollback', 'pause', 'resume'],
  ],
  ['of a replaced one', states.replaced, []],
  ['in a closed environment', aView({ ...failed, environment: { closed: true } }), []],
])('the check %s', (_name, view, names) => {
  const { actions } = renderCheck(view)
  expect(actions.map(action => action.identifier)).toEqual(names)
  expect(actions).toEqual(buttonsOf(view))
  expect(actions.length).toBeLessThanOrEqual(3)
  for (const { label, description, identifier } of actions) {
    expect(label.length).toBeLessThanOrEqual(20)
    expect(description.length).toBeLessThanOrEqual(40)
    expect(identifier.length).toBeLessThanOrEqual(20)
  }
})

test('a button that was not obeyed is answered in the summary', () => {
  const refused = { line: '/pause production', actor: 'rita`', reply: 'It needs the role **maintain**.' }
  expect(renderCheck(aView({ ...live(), refused })).summary).toContain(
    '**`/pause production` by `` rita` ``**: It needs the role **maintain**.',
  )
})
