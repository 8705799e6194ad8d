// The set-up page: one button that takes the manifest to GitHub, where an owner confirms it. Pure: model in, HTML out.

interface SetupPage {
  githubUrl: string
  /** Who is to own the App; null: the person who confirms it. */
  organization: string | null
  /** Of this page, to come back to it. */
  key: string
  manifest: object
  state: string
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, character => entities[character] ?? '')

export function setupPage({ githubUrl, organization, key, manifest, state }: SetupPage): string {
  const owner = organization ? `/organizations/${encodeURIComponent(organization)}` : ''
  const action = `${githubUrl}${owner}/settings/apps/new?state=${encodeURIComponent(state)}`
  return frame(
    'Connect GitHub',
    `<p>Sluice is a GitHub App of your own. GitHub makes it from a manifest: you see what it asks for, confirm, choose the
repositories, and are done. Nothing is copied by hand.</p>
<form action="${escapeHtml(action)}" method="post">
<input type="hidden" name="manifest" value="${escapeHtml(JSON.stringify(manifest))}">
<button>Create the App on ${escapeHtml(new URL(githubUrl).host)}</button>
</form>
<form class="quiet">
<input type="hidden" name="key" value="${escapeHtml(key)}">
<label>Owned by ${organization ? `the organisation ${escapeHtml(organization)}` : 'you'}. Another organisation:
<input name="organization" pattern="[A-Za-z0-9-]+" size="16" required></label> <button>Change</button>
</form>`,
  )
}

export function donePage(installUrl: string): string {
  return frame(
    'Connected',
    `<p>The App exists. The last step: <a href="${escapeHtml(installUrl)}">install it on your repositories</a>, then push.</p>`,
  )
}

export function lockedPage(): string {
  return frame(
    'Sluice is waiting to be set up',
    `<p>The address of the set-up page, with its key, stands in the output of <code>sluice start</code>. Open that one.</p>`,
  )
}

function frame(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Sluice</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }
button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .4rem; background: #1f6feb; color: #fff; cursor: pointer }
.quiet { margin-top: 2rem; font-size: .9rem } .quiet button { padding: .2rem .6rem; background: #57606a }
input { font: inherit; padding: .2rem .4rem }
</style></head><body><h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`
}
