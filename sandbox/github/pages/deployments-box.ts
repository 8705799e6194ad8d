// Deployments as the pages show them. Pure.
import { type Html, html, safeUrl } from '../../html.ts'
import { stateOf } from '../deployments.ts'
import type { Deployment } from '../state.ts'
import { icon } from './icons.ts'
import { ago, shortSha } from './layout.ts'

const colors: Record<string, string> = {
  success: 'green',
  failure: 'red',
  error: 'red',
  inactive: 'gray',
}

const words: Record<string, string> = { success: 'active', in_progress: 'in progress' }

export function deploymentsBox(deployments: Deployment[], full: string): Html {
  if (deployments.length === 0) return html``
  return html`<div class="box"><header><span class="soft">${icon('rocket')}</span><h2>Deployments</h2></header>
${deployments.map(deployment => row(deployment, full))}</div>`
}

function row(deployment: Deployment, full: string): Html {
  const status = deployment.statuses.at(-1)
  const state = stateOf(deployment)
  const gone = state === 'inactive' && deployment.transient ? 'destroyed' : (words[state] ?? state)
  return html`<div class="item"><span class="${colors[state] ?? 'amber'}">${icon('dot')}</span>
<span class="grow"><span class="title">${deployment.environment}</span> <span class="soft">${gone}</span>
<div class="soft small">${shortSha(full, deployment.sha)} · ${ago(deployment.updatedAt)}</div>
<div class="soft small">${status?.description}</div></span>
<span class="row">${link(status?.environmentUrl, 'View')}${link(status?.logUrl, 'Log')}</span></div>`
}

function link(address: string | undefined, label: string): Html {
  return address ? html`<a class="button" href="${safeUrl(address)}">${label}</a>` : html``
}
