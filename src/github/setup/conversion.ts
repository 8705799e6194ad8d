// Exchanges the code of the manifest flow for the App that GitHub made: its id, key and secrets, once, within the hour.
// Source: docs.github.com, "Registering a GitHub App from a manifest".
import { z } from 'zod'
import type { GithubApp } from '../../config.ts'
import { AppError } from '../../errors.ts'

const Converted = z.object({
  id: z.int().positive(),
  slug: z.string().regex(/^[\w-]+$/),
  pem: z.string().includes('PRIVATE KEY-----'),
  webhook_secret: z.string().min(32),
  client_id: z.string().nullish(),
  client_secret: z.string().nullish(),
})

const timeoutMs = 15_000

export async function convertManifest(
  apiUrl: string,
  code: string,
): Promise<{ app: GithubApp; slug: string }> {
  const response = await fetch(`${apiUrl}/app-manifests/${encodeURIComponent(code)}/conversions`, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json' },
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (!response.ok) {
    throw new AppError(
      'unavailable',
      `GitHub answered ${response.status} to the exchange of the set-up code. It is good for one hour and once; start again from the set-up page.`,
    )
  }
  const said = Converted.parse(await response.json())
  return {
    slug: said.slug,
    app: {
      appId: said.id,
      privateKey: said.pem,
      webhookSecret: said.webhook_secret,
      clientId: said.client_id ?? null,
      clientSecret: said.client_secret ?? null,
    },
  }
}
