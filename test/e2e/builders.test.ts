// A second builder as operators have it: a process of another checkout (here this one again), for the environments that ask.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkout } from '../../sandbox/demo/server.ts'
import { createWorld, type World, writeProject } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ SLUICE_BUILDERS: `canary=${checkout}` })
  await writeProject(world, {
    'hello.ts': 'async function hello() { return 1 }\nexport default defer(hello)',
  })
})
afterAll(() => world.close())

async function pushWith(builder: string) {
  const file = `environments:\n  production:\n    branch: main\n    build: { builder: ${builder} }\n`
  const sha = await world.shop.commit(`Build with ${builder}`, { '.github/sluice.yml': file })
  await world.shop.push('origin', 'HEAD')
  return world.hub.check(sha, 'production')
}

test('an environment is built by the builder it asks for, and its check says which', async () => {
  const check = await pushWith('canary')
  expect(check.conclusion).toBe('success')
  expect(check.output.summary).toMatch(/builder canary \d+\.\d+\.\d+/)
})

test('one that nobody offers is a failure that names those there are', async () => {
  const check = await pushWith('nightly')
  expect(check.conclusion).toBe('failure')
  expect(check.output.summary).toMatch(/"stable" or "canary"/)
})
