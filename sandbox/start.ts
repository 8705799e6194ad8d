// The whole sandbox: a GitHub and a Slack that know each other's App, and the settings that point Sluice at them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from './github/git/bare.ts'
import { type GitHub, type GitHubOptions, startGitHub } from './github/server.ts'
import { app, organization, people } from './sample.ts'
import { loadSecrets, type Secrets } from './secrets.ts'
import { type Slack, type SlackOptions, startSlack } from './slack/server.ts'
import { readState } from './state-file.ts'

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
  const ports = readState<Ports>(join(options.dir, 'ports.json')) ?? { github: 0, slack: 0 }
  const github = await startGitHub(githubOptions(options, secrets, users, ports.github))
  const slack = await startSlack(slackOptions(options, secrets, users, ports.slack))
  rememberPorts(options.dir, github, slack)
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

function githubOptions(
  { dir, host, githubPort, sluiceUrl }: SandboxOptions,
  { appId: id, privateKey, webhookSecret, clientId, clientSecret }: Secrets,
  users: SandboxUser[],
  formerPort: number,
): GitHubOptions {
  const webhookUrl = sluiceUrl ? `${sluiceUrl}/api/github/webhooks` : null
  return {
    dir: join(dir, 'github'),
    ...(host ? { host } : {}),
    port: githubPort ?? 0,
    formerPort,
    app: { ...app, id, privateKey, webhookSecret, webhookUrl, clientId, clientSecret },
    users,
    organizations: [{ login: organization, members: { alice: 'admin' } }],
  }
}

function slackOptions(
  { dir, host, slackPort, sluiceUrl }: SandboxOptions,
  secrets: Secrets,
  users: SandboxUser[],
  formerPort: number,
): SlackOptions {
  return {
    dir: join(dir, 'slack'),
    ...(host ? { host } : {}),
    port: slackPort ?? 0,
    formerPort,
    signingSecret: secrets.slackSigningSecret,
    token: secrets.slackBotToken,
    interactivityUrl: sluiceUrl ? `${sluiceUrl}/slack/interactions` : null,
    channels: [channel],
    users: users.map(user => user.login),
  }
}

type Ports = { github: number; slack: number }

function rememberPorts(dir: string, github: GitHub, slack: Slack): void {
  const ports: Ports = { github: Number(new URL(github.url).port), slack: Number(new URL(slack.url).port) }
  writeFileSync(join(dir, 'ports.json'), JSON.stringify(ports))
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
