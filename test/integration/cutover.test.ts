// The test of the third seed in short: workers as processes of their own, a function that submits items to an endpoint, and
// releases and rollbacks under load. Seen from the endpoint alone; `npm run bench -- cutover` is the long form, with times.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startEndpoint } from '../../bench/cutover/endpoint.ts'
import { createPlace } from '../../bench/cutover/place.ts'
import { seedRound, switchRounds } from '../../bench/cutover/rounds.ts'
import { freshDatabase } from '../support/postgres.ts'

test('no item is lost or comes twice, and nothing of the version before begins after a switch', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-cutover-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const endpoint = await startEndpoint()
  onTestFinished(() => endpoint.close())
  const url = await freshDatabase(inject('postgresUrl'))
  const place = await createPlace({ url, folder, endpoint: endpoint.url, workers: 2, concurrency: 4 })
  onTestFinished(() => place.close())
  await place.deploy('A')
  expect(await seedRound(place, endpoint, 20)).toMatchObject({ items: 30, lost: 0, twice: 0 })
  const rounds = { cutovers: 5, rollbacks: 2, runsPerSecond: 30, itemsOfRun: 2 }
  expect(await switchRounds(place, endpoint, rounds)).toMatchObject({ switches: 7, lost: 0, twice: 0 })
  // By arrival alone: how long an item was on its way is no part of the promise.
  expect(await place.triedAgain()).toBe(0)
}, 120_000)
