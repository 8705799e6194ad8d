// Where one signs in. Pure.
import { type Html, html, nothing } from '../html/html.ts'
import { bare } from '../html/layout.ts'

export function loginPage(next: string, out: boolean): Html {
  const way = `/console/login/github?next=${encodeURIComponent(next)}`
  return bare(
    'Sign in',
    html`${out ? html`<p class="said done" role="status">You are signed out.</p>` : nothing}
      <h1>Sign in to Sluice</h1>
      <p class="soft">What you see and may do here is what you may on GitHub: a repository’s role is asked of GitHub, and asked again before anything is changed.</p>
      <p><a class="button primary" href="${way}" rel="nofollow">Continue with GitHub</a></p>`,
  )
}
