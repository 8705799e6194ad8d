// The frame of every page: title, where we are, whom the visitor acts as. Pure.
import { type Html, html } from '../../html.ts'
import { style } from '../../style.ts'
import { icon } from './icons.ts'

export type Frame = { title: string; viewer: string; people: string[]; path: string }

export function layout(frame: Frame, content: Html): Html {
  return html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${frame.title} · GitHub sandbox</title>${style}</head><body>
<div class="top"><nav><a class="brand" href="/">${icon('branch', 20)} GitHub sandbox</a>
<a href="/">Repositories</a><a href="/deliveries">Webhooks</a><a href="/github-apps">Apps</a>
<span class="as">acting as ${frame.people.map(login => chip(frame, login))}</span></nav></div>
<main>${content}</main></body></html>`
}

function chip(frame: Frame, login: string): Html {
  const href = `/as/${login}?back=${encodeURIComponent(frame.path)}`
  return html`<a href="${href}" class="${login === frame.viewer ? 'on' : ''}">${avatar(login, 18)}${login}</a>`
}

export function avatar(login: string, size = 20): Html {
  const shape = login.endsWith('[bot]') ? 'avatar square' : 'avatar'
  return html`<img class="${shape}" src="/avatars/${encodeURIComponent(login)}" width="${size}" height="${size}" alt="">`
}

const steps: [number, string][] = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
]

/** "3 minutes ago", with the exact time on hover. */
export function ago(time: string, now = Date.now()): Html {
  let count = Math.max(0, Math.round((now - Date.parse(time)) / 1000))
  let unit = 'year'
  for (const [size, name] of steps) {
    unit = name
    if (count < size) break
    count = Math.round(count / size)
  }
  const text = unit === 'second' && count < 10 ? 'just now' : `${count} ${unit}${count === 1 ? '' : 's'} ago`
  return html`<time datetime="${time}" title="${time}">${text}</time>`
}

export function shortSha(full: string, sha: string): Html {
  return html`<a class="mono" href="/${full}/commit/${sha}">${sha.slice(0, 7)}</a>`
}

/** A form that is one button. */
export function postButton(
  action: string,
  label: string,
  options: { as?: string; kind?: string; more?: Html } = {},
): Html {
  const { as, kind = '', more } = options
  return html`<form class="inline" method="post" action="${action}">${as ? html`<input type="hidden" name="as" value="${as}">` : ''}${more}<button class="${kind}">${label}</button></form>`
}

export function asSelect(people: string[], chosen: string, name = 'as'): Html {
  return html`<select name="${name}">${people.map(login =>
    login === chosen ? html`<option selected>${login}</option>` : html`<option>${login}</option>`,
  )}</select>`
}
