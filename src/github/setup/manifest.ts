// The manifest of the GitHub App, from app.yml: what it may do and hears of, with the addresses of this installation.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { webhookPath } from '../deliveries/intake.ts'

const AppFile = z.object({
  name: z.string(),
  description: z.string(),
  public: z.boolean().default(false),
  default_events: z.array(z.string()),
  default_permissions: z.record(z.string(), z.string()),
})

const appFile = new URL('../../../app.yml', import.meta.url)

/** What the App has to be granted and subscribed to. */
export function wantedOfApp(): { permissions: Record<string, string>; events: string[] } {
  const { default_permissions, default_events } = AppFile.parse(parse(readFileSync(appFile, 'utf8')))
  return { permissions: default_permissions, events: default_events }
}

export function appManifest(url: string): object {
  const { name, ...rest } = AppFile.parse(parse(readFileSync(appFile, 'utf8')))
  return {
    ...rest,
    name,
    url,
    hook_attributes: { url: `${url}${webhookPath}`, active: true },
    redirect_url: `${url}/setup/callback`,
    callback_urls: [`${url}/console/callback`],
  }
}
