import { expect, test } from 'vitest'
import { refusePromotion } from '../../src/builds/promotion.ts'

const staging = { id: 's', name: 'staging', kind: 'branch' as const, root: '.' }
const production = { id: 'p', name: 'production', kind: 'branch' as const, root: '.' }
const variable = (name: string, environmentId: string | null, scope: 'build' | 'run' | 'both' = 'run') => ({
  name,
  environmentId,
  scope,
})

test.each([
  ['an environment to itself', staging, staging, [], 'same_environment'],
  ['a preview', { ...staging, kind: 'preview' as const }, production, [], 'is_a_preview'],
  ['another folder', staging, { ...production, root: 'apps/jobs' }, [], 'different_root'],
  [
    'what a build variable of its own may stand in',
    staging,
    production,
    [variable('URL', 's', 'both')],
    'build_variables_differ',
  ],
  [
    'to where builds have their own',
    staging,
    production,
    [variable('URL', 'p', 'build')],
    'build_variables_differ',
  ],
  ['what would miss a variable', staging, production, [variable('KEY', 's')], 'variables_missing'],
  ['nothing: the same for all', staging, production, [variable('KEY', null, 'both')], undefined],
  ['nothing: each has its own', staging, production, [variable('KEY', 's'), variable('KEY', 'p')], undefined],
  ['nothing: more there than here', staging, production, [variable('KEY', 'p')], undefined],
])('refused is %s', (_what, from, to, variables, code) => {
  expect(refusePromotion(from, to, variables)?.code).toBe(code)
})
