import { generateKeyPairSync } from 'node:crypto'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const app = { APP_ID: '7', PRIVATE_KEY: privateKey, WEBHOOK_SECRET: '0123456789abcdef0123456789abcdef' }

function problemOf(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(environment)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('readConfig', () => {
  test('without any setting everything has a default, and there is no App', () => {
    const config = readConfig({})
    expect(config).toMatchObject({ databaseUrl: null, port: 3000, isolation: 'auto', slack: null })
    expect(config.github).toMatchObject({ app: null, apiUrl: 'https://api.github.com', throttle: true })
    expect(Object.isFrozen(config)).toBe(true)
  })

  test('an App is read whole; a key may stand on one line', () => {
    const oneLine = privateKey.replaceAll('\n', '\\n')
    expect(readConfig({ ...app, PRIVATE_KEY: oneLine }).github.app).toMatchObject({ appId: 7, privateKey })
  })

  test('an Enterprise Server has its API below /api/v3', () => {
    expect(readConfig({ GITHUB_URL: 'https://git.example.com/' }).github.apiUrl).toBe(
      'https://git.example.com/api/v3',
    )
  })

  test('GitHub with data residency has its API at a host of its own', () => {
    expect(readConfig({ GITHUB_URL: 'https://octo.ghe.com' }).github.apiUrl).toBe('https://api.octo.ghe.com')
  })

  test('GitHub is asked what happened only where that was said', () => {
    expect(readConfig({}).github.poll).toBe(false)
    expect(readConfig({ SLUICE_POLL: 'on' }).github.poll).toBe(true)
  })

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['Probot’s default', 'development'],
    ['short', 'a1b2c3d4e5f6'],
    ['one character over and over', 'x'.repeat(64)],
  ])('M3: a webhook secret that is %s is refused, with how to make one', (_name, secret) => {
    const said = problemOf({ ...app, WEBHOOK_SECRET: secret })
    expect(said).toContain('WEBHOOK_SECRET')
    expect(said).toContain('openssl rand -hex 32')
  })

  test.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://x'],
    ['SLUICE_URL', 'sluice.example.com'],
    ['SLUICE_ISOLATION', 'maybe'],
    ['SLUICE_CONCURRENCY', '0'],
    ['SLUICE_HISTORY', '30'],
    ['SLUICE_HISTORY', '5s'],
    ['SLUICE_MASTER_KEY', 'short'],
    ['LOG_LEVEL', 'loud'],
    ['APP_ID', 'mine'],
  ])('%s=%s is refused by its name', (name, value) => {
    expect(problemOf({ [name]: value })).toContain(name)
  })

  test('further builders are read with their checkouts, which have to be some', () => {
    const checkout = path.resolve(import.meta.dirname, '../..')
    expect(readConfig({ SLUICE_BUILDERS: `canary=${checkout}, next=${checkout}` })).toMatchObject({
      channel: 'stable',
      builders: [
        { channel: 'canary', checkout },
        { channel: 'next', checkout },
      ],
    })
    expect(readConfig({}).builders).toEqual([])
    expect(problemOf({ SLUICE_BUILDERS: 'canary' })).toMatch(
      /SLUICE_BUILDERS: "canary" must look like canary=/,
    )
    expect(problemOf({ SLUICE_BUILDERS: `stable=${checkout}` })).toMatch(/another name than stable/)
    expect(problemOf({ SLUICE_BUILDERS: 'canary=/no/such/place' })).toMatch(
      /no bin\/sluice.js in \/no\/such\/place/,
    )
    expect(problemOf({ SLUICE_BUILDERS: `canary=${checkout},canary=${checkout}` })).toMatch(/"canary" twice/)
  })

  test('all problems are told at once', () => {
    const said = problemOf({ APP_ID: '7', PRIVATE_KEY: 'no key', WEBHOOK_SECRET: 'development', PORT: 'x' })
    for (const name of ['PRIVATE_KEY', 'WEBHOOK_SECRET', 'PORT']) expect(said).toContain(name)
  })

  test('no message repeats a secret', () => {
    expect(problemOf({ ...app, WEBHOOK_SECRET: 'hunter2', SLUICE_MASTER_KEY: 'hunter3' })).not.toMatch(
      /hunter/,
    )
  })
})
