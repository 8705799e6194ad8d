// Variables, tokens and keys of an environment: never a value, and a new token or key this once. Pure.
import type { ListedKey } from '../../api/keys/keys-store.ts'
import type { ListedToken } from '../../api/tokens/tokens-store.ts'
import { keyRoles, variableScopes } from '../../db/schema/columns.ts'
import type { Listed } from '../../environments/variables.ts'
import { environmentPath, type InEnvironment } from '../context.ts'
import { type Html, html, nothing } from '../html/html.ts'
import { environmentPage, token } from '../html/layout.ts'
import { badge, empty, field, section, select, table, when } from '../html/parts.ts'

export interface AccessView {
  visit: InEnvironment
  variables: readonly Listed[]
  shared: readonly Listed[]
  tokens: readonly ListedToken[]
  keys: readonly ListedKey[]
  /** Just made: shown here and never again. */
  secret: { what: string; text: string } | null
}

export function accessPage(view: AccessView): Html {
  const { visit, secret } = view
  return environmentPage({
    visit,
    title: 'Variables & keys',
    tab: 'access',
    content: html`<div class="head"><h1>Variables, tokens and keys</h1></div>
      ${secret ? html`<div class="notice" role="status"><strong>${secret.what}. Copy it now: it is not shown again.</strong><pre>${secret.text}</pre></div>` : nothing}
      ${variables(view)}${tokens(view)}${keys(view)}`,
  })
}

function form(visit: InEnvironment, action: string, fields: Html, button: string, kind = ''): Html {
  return html`<form class="filters" method="post" action="${environmentPath(visit)}/access/${action}">${token(visit)}${fields}<button class="${kind}">${button}</button></form>`
}

const hidden = (name: string, value: string) => html`<input type="hidden" name="${name}" value="${value}">`
const choices = (words: readonly string[]) => words.map(value => ({ value, label: value }))

function variables({ visit, variables: own, shared }: AccessView): Html {
  const row = (one: Listed, isOwn: boolean) =>
    html`<tr><td class="name"><code>${one.name}</code></td><td>${one.scope}</td><td>${isOwn ? visit.environment.name : 'all environments'}</td><td>${when(one.updatedAt, visit.now)}</td><td class="act">${isOwn ? form(visit, 'remove-variable', hidden('name', one.name), `Remove ${one.name}`, 'link danger') : nothing}</td></tr>`
  const rows = [...own.map(one => row(one, true)), ...shared.map(one => row(one, false))]
  return section(
    'Variables',
    html`<span class="soft">Sealed in the database; no value is ever shown.</span>`,
    rows.length === 0
      ? empty('There are none', html`What builds and functions are given, such as an address or a password.`)
      : table('Variables', ['Name', 'For', 'Of', 'Set', ''], rows),
    form(
      visit,
      'set-variable',
      html`${field({ name: 'name', label: 'Name', required: true, placeholder: 'STRIPE_KEY' })}<div class="grow">${field({ name: 'value', label: 'Value', type: 'password' })}</div>${select('scope', 'For', choices(variableScopes), 'both')}`,
      'Set',
    ),
  )
}

function tokens({ visit, tokens: listed }: AccessView): Html {
  const rows = listed.map(
    one =>
      html`<tr><td class="name"><code>${one.prefix}…</code></td><td>${when(one.createdAt, visit.now)}</td><td>${one.lastUsedAt ? when(one.lastUsedAt, visit.now) : 'never'}</td><td class="act">${one.revokedAt ? badge('idle', 'revoked') : form(visit, 'revoke-token', hidden('id', one.id), `Revoke ${one.prefix}…`, 'link danger')}</td></tr>`,
  )
  return section(
    'Tokens of applications',
    html`<span class="soft">The <code>DEFER_TOKEN</code> with which an application calls functions of ${visit.environment.name}.</span>`,
    rows.length === 0
      ? empty('There are none', html`Make one, and give it to the application as <code>DEFER_TOKEN</code>.`)
      : table('Tokens', ['Begins', 'Made', 'Used', ''], rows),
    form(visit, 'create-token', nothing, 'New token'),
  )
}

function keys({ visit, keys: listed }: AccessView): Html {
  const rows = listed.map(
    one =>
      html`<tr><td class="name">${one.name}<span class="under"><code>${one.prefix}…</code></span></td><td>${one.role}</td><td>${one.environment ?? 'all environments'}</td><td>${one.lastUsedAt ? when(one.lastUsedAt, visit.now) : 'never'}</td><td>${one.expiresAt ? when(one.expiresAt, visit.now) : 'never'}</td><td class="act">${one.revokedAt ? badge('idle', 'revoked') : form(visit, 'revoke-key', hidden('prefix', one.prefix), `Revoke ${one.prefix}…`, 'link danger')}</td></tr>`,
  )
  return section(
    'Keys of the API',
    html`<span class="soft">For programs that change functions and what is live; of the whole repository.</span>`,
    rows.length === 0
      ? empty(
          'There are none',
          html`A key of <em>read</em> sees, <em>write</em> changes, <em>admin</em> also deletes.`,
        )
      : table('Keys', ['Name', 'Role', 'Where', 'Used', 'Expires', ''], rows),
    form(
      visit,
      'create-key',
      html`${field({ name: 'name', label: 'Name', required: true, placeholder: 'ci' })}${select('role', 'Role', choices(keyRoles), 'write')}${field({ name: 'expires', label: 'Expires (optional)', placeholder: '90d' })}`,
      `New key for ${visit.environment.name}`,
    ),
  )
}
