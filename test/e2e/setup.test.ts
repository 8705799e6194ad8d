// From nothing to a connected GitHub App: the manifest flow as a browser goes through it, then a push.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHub } from '../../sandbox/demo/hub.ts'
import { removeData, type SluiceProcess, startSluice } from '../../sandbox/demo/server.ts'
import { collaborators, type Sandbox, startSandbox } from '../../sandbox/start.ts'
import { clone } from '../../sandbox/testing/checkout.ts'

let folder: string
let sandbox: Sandbox
let sluice: SluiceProcess
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-setup-'))
  sandbox = await startSandbox({ dir: path.join(folder, 'sandbox') })
  const { GITHUB_URL = '', GITHUB_API_URL = '' } = sandbox.settings
  const settings = { GITHUB_URL, GITHUB_API_URL, GITHUB_THROTTLE: 'off' }
  sluice = await startSluice({ dataDir: path.join(folder, 'data'), settings })
})
afterAll(async () => {
  await sluice.stop()
  await sandbox.close()
  await removeData(path.join(folder, 'data'))
  await rm(folder, { recursive: true, force: true })
})

/** The forms of a page: where each goes and what its fields hold. */
function formsOf(html: string): { action: string; fields: URLSearchParams }[] {
  const decode = (text: string) =>
    text.replaceAll(/&(#?\w+);/g, (_all, name: string) =>
      name.startsWith('#')
        ? String.fromCodePoint(Number(name.slice(1)))
        : ({ amp: '&', lt: '<', gt: '>', quot: '"' }[name] ?? ''),
    )
  return [...html.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', body = '']) => {
    const fields = new URLSearchParams()
    for (const [input] of body.matchAll(/<input[^>]*>/g)) {
      const [, name] = /name="([^"]*)"/.exec(input) ?? []
      const [, value = ''] = /value="([^"]*)"/.exec(input) ?? []
      if (name && !(/type="radio"/.test(input) && !/checked/.test(input))) fields.append(name, decode(value))
    }
    return { action: decode(/action="([^"]*)"/.exec(head)?.[1] ?? ''), fields }
  })
}

const post = (url: string, fields: URLSearchParams) =>
  fetch(url, { method: 'POST', body: fields, headers: { origin: sandbox.github.url }, redirect: 'manual' })

test('without the key the page stays closed, and webhooks are refused with what to do', async () => {
  expect(await (await fetch(`${sluice.url}/`)).text()).not.toContain('<form')
  expect(await (await fetch(`${sluice.url}/?key=guess`)).text()).not.toContain('<form')
  const answer = await fetch(`${sluice.url}/api/github/webhooks`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(503)
})

test('editors find the schema of the repository file', async () => {
  const schema = await (await fetch(`${sluice.url}/schema/sluice.schema.json`)).json()
  expect(schema).toHaveProperty('properties.environments')
})

test('the way back from GitHub counts only in the browser that went there', async () => {
  const [, setupUrl = ''] = await sluice.said(/Set it up at (\S+)/)
  const page = await fetch(setupUrl)
  const state = new URL(formsOf(await page.text())[0]?.action ?? '').searchParams.get('state')
  const answer = await fetch(`${sluice.url}/setup/callback?code=stolen&state=${state}`)
  expect(answer.status).toBe(403)
})

test('one button makes the App; Sluice goes on with it and builds a push', async () => {
  const [, setupUrl = ''] = await sluice.said(/Set it up at (\S+)/)
  const page = await fetch(`${setupUrl}&organization=acme`)
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? ''
  const [toGithub] = formsOf(await page.text())
  expect(toGithub?.action).toContain(`${sandbox.github.url}/organizations/acme/settings/apps/new`)
  const confirm = await post(toGithub?.action ?? '', toGithub?.fields ?? new URLSearchParams())
  const [confirmation] = formsOf(await confirm.text()).filter(form =>
    form.action.endsWith('/settings/apps/manifest'),
  )
  const back = await post(
    `${sandbox.github.url}${confirmation?.action}`,
    confirmation?.fields ?? new URLSearchParams(),
  )
  const done = await fetch(back.headers.get('location') ?? '', { headers: { cookie } })
  expect(done.status).toBe(200)
  const [, installUrl = ''] = /href="([^"]+)"/.exec(await done.text()) ?? []
  await sluice.said(/Sluice is up.*Sluice is up/s)

  const { github, tokens } = sandbox
  await github.createRepository({ owner: 'acme', name: 'first', collaborators })
  const [install] = formsOf(await (await fetch(installUrl)).text()).filter(form =>
    form.fields.has('selection'),
  )
  const fields = install?.fields ?? new URLSearchParams()
  fields.set('account', 'acme')
  const installed = await post(new URL(install?.action || installUrl, github.url).href, fields)
  expect(installed.status).toBe(303)

  const person = { login: 'alice', token: tokens.alice ?? '' }
  const work = await clone(github.url, 'acme/first', person, path.join(folder, 'work'))
  const sha = await work.commit('No functions yet', { 'package.json': '{ "name": "first" }' })
  await work.push('origin', 'HEAD')
  const check = await createHub(github.apiUrl, 'acme/first', tokens).check(sha, 'production')
  expect(check.conclusion).toBe('failure')
  expect(check.output.summary).toContain('no folder named "defer"')
})
