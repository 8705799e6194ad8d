// The secrets of one sandbox, made once and kept in its folder, so that what was printed yesterday works today.
import { randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatePrivateKey } from './github/apps.ts'
import { readState } from './state-file.ts'

export type Secrets = {
  appId: number
  privateKey: string
  webhookSecret: string
  clientId: string
  clientSecret: string
  slackSigningSecret: string
  slackBotToken: string
  /** By login. */
  tokens: Record<string, string>
}

export function loadSecrets(dir: string, logins: string[]): Secrets {
  const path = join(dir, 'secrets.json')
  const stored = readState<Secrets>(path)
  const secrets: Secrets = { ...newSecrets(), ...stored, tokens: tokensFor(logins, stored?.tokens ?? {}) }
  writeFileSync(path, JSON.stringify(secrets, null, 2))
  chmodSync(path, 0o600)
  return secrets
}

function newSecrets(): Omit<Secrets, 'tokens'> {
  return {
    appId: 4242,
    privateKey: generatePrivateKey(),
    webhookSecret: random(32),
    clientId: `Iv1.${random(8)}`,
    clientSecret: random(20),
    slackSigningSecret: random(16),
    slackBotToken: `xoxb-sandbox-${random(12)}`,
  }
}

function tokensFor(logins: string[], known: Record<string, string>): Record<string, string> {
  return Object.fromEntries(logins.map(login => [login, known[login] ?? `ghp_${random(18)}`]))
}

const random = (bytes: number) => randomBytes(bytes).toString('hex')
