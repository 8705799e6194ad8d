// What GitHub says of the App: that the key is right, what it may do and hears of, how its deliveries fare, whose clock is wrong.
import { z } from 'zod'
import type { Config } from '../config.ts'
import { messageOf } from '../errors.ts'
import { attempt } from '../github/client/api-error.ts'
import { createGithub } from '../github/client/client.ts'
import type { Requests } from '../github/client/conditional.ts'
import { webhookPath } from '../github/deliveries/intake.ts'
import { read } from '../github/deliveries/payloads.ts'
import { wantedOfApp } from '../github/setup/manifest.ts'
import type { Log } from '../log.ts'
import {
  addressFinding,
  bad,
  clockFinding,
  deliveriesFinding,
  type Finding,
  good,
  lacking,
} from './finding.ts'

const Granted = z.record(z.string(), z.string())
const App = z.object({ slug: z.string(), permissions: Granted, events: z.array(z.string()) })
const Installations = z.array(
  z.object({
    account: z.object({ login: z.string().optional() }).nullable(),
    permissions: Granted,
    suspended_at: z.string().nullish(),
  }),
)
const Sent = z.array(
  z.object({ event: z.string(), status: z.string(), status_code: z.number(), delivered_at: z.string() }),
)

export async function lookAtGithub(config: Config, log: Log): Promise<Finding[]> {
  const { app, apiUrl, poll } = config.github
  if (!app)
    return [
      bad('GitHub App', 'none is set up', 'Open the address that "sluice start" prints, and follow it.'),
    ]
  const octokit = await createGithub({ app, apiUrl, throttle: false, log }).asApp()
  try {
    const said = await attempt(`Asking ${apiUrl} about the App`, () => octokit.request('GET /app'))
    return [
      good('GitHub App', `${apiUrl} knows it as ${read(App, said.data).slug}`),
      clockFinding(said.headers.date, new Date()),
      ...rights(read(App, said.data)),
      ...(await installations(octokit)),
      ...(await webhook(octokit, config.url, poll)),
    ]
  } catch (error) {
    const remedy = `Check GITHUB_URL, GITHUB_API_URL, APP_ID, PRIVATE_KEY and the clock; it is ${new Date().toISOString()} here.`
    return [bad('GitHub App', messageOf(error), remedy)]
  }
}

function rights({ permissions, events }: z.output<typeof App>): Finding[] {
  const wanted = wantedOfApp()
  const lacks = lacking(wanted.permissions, permissions)
  const deaf = wanted.events.filter(event => !events.includes(event))
  return [
    lacks.length === 0
      ? good('permissions', 'all that are needed')
      : bad(
          'permissions',
          `missing ${lacks.join(', ')}`,
          'Grant them in the App’s settings, Permissions & events.',
        ),
    deaf.length === 0
      ? good('events', 'all that are needed')
      : bad(
          'events',
          `not subscribed to ${deaf.join(', ')}`,
          'Subscribe in the App’s settings, Permissions & events.',
        ),
  ]
}

/** An account has to accept what the App asks for since it was installed. */
async function installations(octokit: Requests): Promise<Finding[]> {
  const { data } = await octokit.request('GET /app/installations', { per_page: 100 })
  const all = read(Installations, data)
  if (all.length === 0)
    return [bad('installations', 'none', 'Install the App on your repositories, from its settings.')]
  const wrong = all.flatMap(({ account, permissions, suspended_at }) => {
    const name = account?.login ?? 'an enterprise'
    if (suspended_at)
      return [bad('installations', `${name} suspended it`, 'Unsuspend it in that account’s settings.')]
    const lacks = lacking(wantedOfApp().permissions, permissions)
    const said = `${name} did not accept ${lacks.join(', ')}`
    return lacks.length > 0
      ? [bad('installations', said, 'An owner of that account accepts them in its settings.')]
      : []
  })
  return wrong.length > 0 ? wrong : [good('installations', `${all.length}, none suspended`)]
}

async function webhook(octokit: Requests, url: string | null, poll: boolean): Promise<Finding[]> {
  const config = await octokit.request('GET /app/hook/config')
  const sent = await octokit.request('GET /app/hook/deliveries', { per_page: 50 })
  return [
    addressFinding(config.data.url ?? '', url && `${url}${webhookPath}`, poll),
    deliveriesFinding(read(Sent, sent.data), poll),
  ]
}
