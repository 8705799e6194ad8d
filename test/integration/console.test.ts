// The console over real HTTP and the local GitHub: signing in, who sees what, that nothing is done from elsewhere, and its actions.
import { desc, eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { consoleSessions, environments, events, overlays, repositories } from '../../src/db/schema.ts'
import { openConsole } from '../support/console.ts'
import { insertFinished } from '../support/console-rows.ts'
import { createWorld } from '../support/github-world.ts'
import { found, insertBuild, insertEnvironment, insertFunction } from '../support/place.ts'

async function place() {
  const world = await createWorld()
  const { db, repositoryId } = world
  const production = await insertEnvironment(db, repositoryId)
  const build = await insertBuild(db, production.id, 1, [found('hello'), found('mail')])
  await db.update(environments).set({ activeBuildId: build.id }).where(eq(environments.id, production.id))
  const hello = await insertFunction(db, production.id, 'hello', build.id)
  return { world, db, production, hello, ...(await openConsole(world)) }
}

const home = '/console/acme/shop/production'

describe('signing in', () => {
  test('S57: with state and PKCE, in the browser that began, once', async () => {
    const { world, wayBack, browser } = await place()
    await using _ = world
    const mine = browser()
    const there = await mine.get('/console/login/github?next=/console/acme/shop')
    const query = new URL(there.to ?? '').searchParams
    expect(query.get('code_challenge_method')).toBe('S256')
    expect(query.get('state')).toMatch(/^[\w-]{22}$/)

    const back = await wayBack(mine, 'alice', '/console/acme/shop')
    expect((await browser().get(back)).status).toBe(403)
    const another = browser()
    another.cookies.set('sluice_login', 'made-up')
    expect((await another.get(back)).status).toBe(403)

    const answer = await mine.get(back)
    expect([answer.status, answer.to]).toEqual([303, '/console/acme/shop'])
    expect(answer.headers.getSetCookie().find(one => one.startsWith('sluice_session='))).toMatch(
      /; Path=\/; HttpOnly; SameSite=Lax; Max-Age=604800$/,
    )
    expect((await mine.get(back)).status).toBe(403)
  })

  test('S58: a new session each time; signing out ends it here, and everywhere', async () => {
    const { world, db, wayBack, signIn } = await place()
    await using _ = world
    const mine = await signIn('alice')
    const first = mine.cookies.get('sluice_session') ?? ''
    await mine.get(await wayBack(mine, 'alice'))
    expect(mine.cookies.get('sluice_session')).not.toBe(first)
    expect(await db.$count(consoleSessions)).toBe(1)

    const other = await signIn('alice')
    const session = other.cookies.get('sluice_session') ?? ''
    await other.send('/console/logout', {}, '/console')
    other.cookies.set('sluice_session', session)
    expect((await other.get('/console')).to).toBe('/console/login?next=%2Fconsole')
    await signIn('alice')
    await mine.send('/console/logout', { everywhere: '1' }, '/console')
    expect(await db.$count(consoleSessions)).toBe(0)
  })

  test('S58: over TLS the cookie is for this host alone', async () => {
    const { world } = await place()
    await using _ = world
    const { browser } = await openConsole(world, { url: () => 'https://sluice.test' })
    const [cookie] = (await browser().get('/console/login/github')).headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-sluice_login=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
    )
  })
})

describe('who sees what', () => {
  test('S56: every page sends strangers to where one signs in, and knows of no repository that is not theirs', async () => {
    const { world, db, signIn, browser } = await place()
    await using _ = world
    const pages = [
      '',
      '/executions',
      '/builds',
      '/builds/1',
      '/functions/hello',
      '/activity',
      '/deletions',
      '/do/pause',
    ]
    for (const path of ['/console', '/console/acme/shop', ...pages.map(one => `${home}${one}`)])
      expect((await browser().get(path)).to, path).toBe(`/console/login?next=${encodeURIComponent(path)}`)
    // It is public: rita may read it, as everybody may, and that is not enough here.
    const rita = await signIn('rita')
    for (const path of ['/console/acme/shop', ...pages.map(one => `${home}${one}`)])
      expect((await rita.get(path)).status, path).toBe(404)
    expect((await rita.get('/console')).text).toContain('No repository yet')
    await db.update(repositories).set({ private: true })
    expect((await rita.get(home)).text).toContain('hello')
  })

  test('S60: what somebody may do is asked again before anything is changed', async () => {
    const { world, db, signIn } = await place()
    await using _ = world
    const walt = await signIn('walt')
    expect((await walt.get(home)).status).toBe(200)
    const refused = await walt.send(`${home}/do/pause`, { function: 'hello', reason: 'x' }, home)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('maintain')
    expect(await db.$count(overlays)).toBe(0)
  })
})

describe('what changes something', () => {
  test('S59: only from a page of ours, with its token', async () => {
    const { world, db, signIn } = await place()
    await using _ = world
    const max = await signIn('max')
    const asked = await max.get(`${home}/do/pause?function=hello`)
    const token = /name="token" value="([^"]+)"/.exec(asked.text)?.[1] ?? ''
    const fields = { function: 'hello', reason: 'a test' }
    const path = `${home}/do/pause`
    const site = (value: string) => ({ 'sec-fetch-site': value })
    expect((await max.post(path, fields)).status).toBe(403)
    expect((await max.post(path, { ...fields, token }, site('cross-site'))).status).toBe(403)
    expect((await max.post(path, { ...fields, token }, { origin: 'https://evil.test' })).status).toBe(403)
    expect((await max.get(`${path}?function=hello&reason=x`)).status).toBe(200)
    expect(await db.$count(overlays)).toBe(0)
    expect((await max.post(path, { ...fields, token }, site('same-origin'))).status).toBe(303)
    expect(await db.$count(overlays)).toBe(1)
  })

  test('S64: asks first, does it once, says so, and writes down who and through what', async () => {
    const { world, db, signIn } = await place()
    await using _ = world
    const max = await signIn('max')
    const question = await max.get(`${home}/do/pause?function=hello`)
    expect(question.text).toContain('Dry run, nothing was changed')
    const without = await max.send(
      `${home}/do/pause`,
      { function: 'hello' },
      `${home}/do/pause?function=hello`,
    )
    expect(without.status).toBe(409)
    expect(without.text).toContain('say why')
    const done = await max.send(
      `${home}/do/pause`,
      { function: 'hello', reason: '<b>why</b>', for: '2h' },
      `${home}/do/pause?function=hello`,
    )
    expect([done.status, done.to]).toEqual([303, home])
    const page = await max.get(home)
    expect(page.text).toContain('is paused until')
    expect(page.text).toContain('&lt;b&gt;why&lt;/b&gt;')
    expect(page.text).not.toContain('<b>why')
    expect((await max.get(home)).text).not.toContain('is paused until')
    const [event] = await db.select().from(events).orderBy(desc(events.id)).limit(1)
    expect(event).toMatchObject({ type: 'function.paused', actor: 'max', via: 'console' })
    expect((await max.get(`${home}/activity`)).text).toMatch(/max[\s\S]*paused[\s\S]*hello[\s\S]*console/)
  })
})

describe('variables, tokens and keys', () => {
  test('a secret is shown once and stored nowhere; no value is shown; each change takes its role and is written down', async () => {
    const { world, db, signIn } = await place()
    await using _ = world
    const alice = await signIn('alice')
    const path = `${home}/access`
    const made = await alice.send(`${path}/create-token`, {}, path)
    const token = /slt_[\w-]{32}/.exec(made.text)?.[0] ?? ''
    expect([made.status, token.length]).toEqual([200, 36])
    const set = await alice.send(
      `${path}/set-variable`,
      { name: 'STRIPE_KEY', value: 'hush', scope: 'run' },
      path,
    )
    expect(set.status).toBe(303)
    const page = await alice.get(path)
    expect(page.text).toContain('STRIPE_KEY')
    expect(page.text).not.toContain('hush')
    expect(page.text).not.toContain(token)
    const key = await alice.send(`${path}/create-key`, { name: '<i>ci</i>', role: 'read' }, path)
    expect(key.text).toMatch(/slk_[\w-]{32}/)
    expect(key.text).toContain('&lt;i&gt;ci&lt;/i&gt;')
    const walt = await signIn('walt')
    expect((await walt.send(`${path}/create-token`, {}, path)).status).toBe(403)
    const done = await db.select({ type: events.type, via: events.via }).from(events)
    expect(done).toEqual(
      ['token.created', 'variable.set', 'key.created'].map(type => ({ type, via: 'console' })),
    )
  })
})

describe('figures', () => {
  test('are those of the hours that were counted and of what finished since, each once', async () => {
    const { world, db, production, hello, signIn } = await place()
    await using _ = world
    const { countFinished } = await import('../../src/console/rollups/count-finished.ts')
    const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000)
    await insertFinished(db, production.id, hello, { amount: 30, state: 'succeeded', ms: 100, at: hours(2) })
    await insertFinished(db, production.id, hello, { amount: 10, state: 'failed', ms: 1_000, at: hours(2) })
    while ((await countFinished(db)) === 'more');
    await insertFinished(db, production.id, hello, { amount: 8, state: 'succeeded', ms: 100, at: new Date() })
    const alice = await signIn('alice')
    const look = async () => (await alice.get(home)).text.replaceAll(/\s+/g, ' ')
    const before = await look()
    expect(before).toContain('48 executions, 10 failed')
    expect(before).toContain('21 %')
    while ((await countFinished(db)) === 'more');
    expect(await look()).toContain('48 executions, 10 failed')
    const page = await alice.get(`${home}/functions/hello`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('48 executions, 10 failed (21 %)')
  })
})
