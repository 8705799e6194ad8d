// The frame of every page: where one is, who one is, what was said, and the page. Pure.
import { addresses } from '../assets/addresses.ts'
import type { InEnvironment, InRepository, Said, Visit } from '../context.ts'
import { environmentPath, repositoryPath, root } from '../context.ts'
import { type Html, html, nothing, type Value } from './html.ts'
import { sentences } from './markdown.ts'
import { stateBadge } from './parts.ts'

export interface Crumb {
  label: string
  path: string
}

interface Frame {
  visit: Visit
  title: string
  trail: readonly Crumb[]
  tabs?: Html
  /** What the script asks whether the page has changed (live/). */
  live?: string
  content: Value
}

const mark = html`<svg class="mark" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d="M3 2v16M17 2v16" stroke="currentColor" stroke-width="2" fill="none" stroke-linecap="round"/><path d="M6 4h8v5H6z" fill="currentColor"/><path d="M3.5 13c2-1.6 4 1.6 6.5 0s4.5 1.6 6.5 0M3.5 17c2-1.6 4 1.6 6.5 0s4.5 1.6 6.5 0" stroke="currentColor" stroke-width="1.4" fill="none"/></svg>`

function document(title: string, live: string | undefined, body: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="same-origin">
<title>${title} · Sluice</title><link rel="icon" href="${addresses.icon}" type="image/svg+xml"><link rel="stylesheet" href="${addresses.style}"><script src="${addresses.script}" defer></script></head>
<body ${live === undefined ? nothing : html`data-live="${live}"`}>${body}</body></html>`
}

/** For whoever is not signed in. */
export function bare(title: string, content: Html): Html {
  return document(title, undefined, html`<main id="main" class="bare">${mark}${content}</main>`)
}

export function page({ visit, title, trail, tabs, live, content }: Frame): Html {
  const crumbs = trail.map(
    ({ label, path }, index) =>
      html`<li><a href="${path}" ${index === trail.length - 1 && !tabs ? html`aria-current="page"` : nothing}>${label}</a></li>`,
  )
  return document(
    title,
    live,
    html`<a class="skip" href="#main">Skip to the page</a>
<header class="top"><nav aria-label="Where you are"><ol class="trail"><li><a class="home" href="${root}">${mark}<span>Sluice</span></a></li>${crumbs}</ol></nav>
<details class="person"><summary>${visit.person.login}</summary><form method="post" action="${root}/logout">${token(visit)}<button>Sign out</button><button name="everywhere" value="1">Sign out everywhere</button></form></details></header>
${tabs ?? nothing}<main id="main">${visit.said ? said(visit.said) : nothing}${content}</main>`,
  )
}

export function token({ token: value }: Pick<Visit, 'token'>): Html {
  return html`<input type="hidden" name="token" value="${value}">`
}

export function said({ kind, message }: Said): Html {
  return html`<p class="said ${kind}" role="${kind === 'refused' ? 'alert' : 'status'}">${sentences(message)}</p>`
}

const tabsThereAre = [
  ['functions', 'Functions', ''],
  ['executions', 'Executions', '/executions'],
  ['builds', 'Builds', '/builds'],
  ['deletions', 'Deletions', '/deletions'],
  ['activity', 'Activity', '/activity'],
  ['access', 'Variables & keys', '/access'],
] as const

export type Tab = (typeof tabsThereAre)[number][0]

interface EnvironmentFrame {
  visit: InEnvironment
  title: string
  tab: Tab
  /** Below the tab. */
  trail?: readonly Crumb[]
  live?: boolean
  content: Value
}

export function environmentPage({ visit, title, tab, trail = [], live, content }: EnvironmentFrame): Html {
  const base = environmentPath(visit)
  const { repository, environment } = visit
  const tabs = html`<nav class="tabs" aria-label="${environment.name}"><ul>${tabsThereAre.map(
    ([name, label, path]) =>
      html`<li><a href="${base}${path}" ${name === tab ? html`aria-current="page"` : nothing}>${label}</a></li>`,
  )}</ul>${environment.mode === 'normal' ? nothing : stateBadge(environment.mode)}${environment.closedAt ? stateBadge('closed') : nothing}</nav>`
  return page({
    visit,
    title: `${title} · ${environment.name} · ${repository.owner}/${repository.name}`,
    trail: [...repositoryTrail(visit), { label: environment.name, path: base }, ...trail],
    tabs,
    ...(live ? { live: `${base}/live?page=${encodeURIComponent(visit.path)}` } : {}),
    content,
  })
}

export function repositoryTrail({ repository }: Pick<InRepository, 'repository'>): Crumb[] {
  return [{ label: `${repository.owner}/${repository.name}`, path: repositoryPath(repository) }]
}
