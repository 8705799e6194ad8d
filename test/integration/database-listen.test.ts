// Listening through the losses of its connection: it comes back by itself, and asks once for each channel however long it took.
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { createListening } from '../../src/db/listen.ts'
import { openProxy } from '../support/database-proxy.ts'
import { freshDatabase } from '../support/postgres.ts'
import { log, until } from './executions-setup.ts'

test('what listens hears again after PostgreSQL was away, and has asked no more often than once', async () => {
  const url = await freshDatabase(inject('postgresUrl'))
  const proxy = await openProxy(url)
  const heard: string[] = []
  let listens = 0
  const channels = Object.fromEntries(
    ['a', 'b', 'c'].map(name => [name, (text: string) => heard.push(name + text)]),
  )
  const listening = createListening({
    url: proxy.url,
    name: 'subject',
    channels,
    listens: () => (listens += 1),
    log,
  })
  onTestFinished(() => listening.close())
  await listening.start()
  const { driver, close } = connect(url, { max: 1, name: 'other' })
  onTestFinished(close)
  await driver.notify('a', '1')
  await until(async () => heard.length === 1)

  const tries = proxy.refuse()
  proxy.reset()
  await until(async () => tries() >= 4)
  proxy.accept()
  await until(async () => listens === 2)
  for (const name of ['a', 'b', 'c']) await driver.notify(name, '2')
  await until(async () => heard.length === 4)
  expect(heard).toEqual(['a1', 'a2', 'b2', 'c2'])
  expect(proxy.said().split('listen "a"')).toHaveLength(2)
})
