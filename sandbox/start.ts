// The whole sandbox: a GitHub and a Slack that know each other's App, and the settings that point Sluice at them.
import { join } from 'node:path'
import { makeDirectory } from './github/git/bare.ts'
import { type GitHub, startGitHub } from './github/server.ts'
import { app, organization, people } from './sample.ts'
import { loadSecrets, type Secrets } from './secrets.ts'
import { type Slack, startSlack } from './slack/server.ts'

export { collaborators, organization } from './sample.ts'

export type SandboxOptions = {
  dir: string
  host?: string
  githubPort?: number
  slackPort?: number
  /** Where Sluice listens, if that is known already; else `github.setWebhookUrl` and `slack.setInteractivityUrl`. */
  sluiceUrl?: string
}

export type SandboxUser = { login: string; name: string; role: string; token: string }

export type Sandbox = {
  github: GitHub
  slack: Slack
  users: SandboxUser[]
  /** By login: what these people call the API and push with. */
  tokens: Record<string, string>
  /** The environment variables Sluice needs to talk to this sandbox. */
  settings: Record<string, string>
  close(): Promise<void>
}

const channel = 'deploys'

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  makeDirectory(options.dir)
  const secrets = loadSecrets(
    options.dir,
    people.map(person => person.login),
  )
  const users = people.map(person => ({ ...person, token: secrets.tokens[person.login] ?? '' }))
  const github = await startGitHub({
    dir: join(options.dir, 'github'),
    ...(options.host ? { host: options.host } : {}),
    port: options.githubPort ?? 0,
    app: {
      ...app,
      id: secrets.appId,
      privateKey: secrets.privateKey,
      webhookSecret: secrets.webhookSecret,
      webhookUrl: options.sluiceUrl ? `${options.sluiceUrl}/api/github/webhooks` : null,
      clientId: secrets.clientId,
      clientSecret: secrets.clientSecret,
    },
    users,
    organizations: [{ login: organization, members: { alice: 'admin' } }],
  })
  const slack = await startSlack({
    dir: join(options.dir, 'slack'),
    ...(options.host ? { host: options.host } : {}),
    port: options.slackPort ?? 0,
    signingSecret: secrets.slackSigningSecret,
    token: secrets.slackBotToken,
    interactivityUrl: options.sluiceUrl ? `${options.sluiceUrl}/slack/interactions` : null,
    channels: [channel],
    users: users.map(user => user.login),
  })
  return {
    github,
    slack,
    users,
    tokens: secrets.tokens,
    settings: settingsFor(secrets, github, slack),
    async close() {
      await github.close()
      await slack.close()
    },
  }
}

function settingsFor(secrets: Secrets, github: GitHub, slack: Slack): Record<string, string> {
  return {
    APP_ID: String(secrets.appId),
    PRIVATE_KEY: secrets.privateKey,
    WEBHOOK_SECRET: secrets.webhookSecret,
    GITHUB_URL: github.url,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_CLIENT_ID: secrets.clientId,
    GITHUB_CLIENT_SECRET: secrets.clientSecret,
    GITHUB_THROTTLE: 'off',
    SLACK_BOT_TOKEN: secrets.slackBotToken,
    SLACK_SIGNING_SECRET: secrets.slackSigningSecret,
    SLACK_CHANNEL: `#${channel}`,
    SLACK_API_URL: slack.apiUrl,
  }
}
