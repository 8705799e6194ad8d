// Charts as SVG, with what they show in words for those who do not see them. No style attributes: the policy forbids them. Pure.
import { type Html, html, nothing } from './html.ts'
import { duration, number, percent, plural } from './words.ts'

export interface Bar {
  amount: number
  failed: number
}

const sparkHeight = 22
const sparkStep = 4

/** Executions over the time looked at, the failed ones at the bottom. */
export function sparkline(bars: readonly Bar[]): Html {
  const most = Math.max(1, ...bars.map(bar => bar.amount))
  const all = bars.reduce((sum, bar) => sum + bar.amount, 0)
  if (all === 0) return html`<span class="soft" aria-label="no executions">–</span>`
  const failed = bars.reduce((sum, bar) => sum + bar.failed, 0)
  const tall = (amount: number) => (amount === 0 ? 0 : Math.max(1, (amount / most) * sparkHeight))
  // One path for all bars: a page shows a hundred of these.
  const path = (heightOf: (bar: Bar) => number) =>
    bars
      .map((bar, index) => [index * sparkStep, heightOf(bar)] as const)
      .filter(([, height]) => height > 0)
      .map(([x, height]) => `M${x} ${sparkHeight}v-${short(height)}h3v${short(height)}z`)
      .join('')
  const width = bars.length * sparkStep
  return html`<svg class="spark" width="${width}" height="${sparkHeight}" viewBox="0 0 ${width} ${sparkHeight}" role="img" aria-label="${plural(all, 'execution')}, ${number(failed)} failed"><path class="bar" d="${path(bar => tall(bar.amount))}"/>${failed > 0 ? html`<path class="fail" d="${path(bar => tall(bar.failed))}"/>` : nothing}</svg>`
}

export interface Point extends Bar {
  p50Ms: number | null
  p95Ms: number | null
  /** What this part of the time is called. */
  label: string
}

export interface Marker {
  /** From 0, the beginning, to 1, now. */
  at: number
  label: string
}

const width = 560
const height = 170
const left = 46
const bottom = 22
const inner = { width: width - left - 8, height: height - bottom - 16 }

const x = (at: number) => left + at * inner.width
const y = (share: number) => 16 + (1 - share) * inner.height
const short = (value: number) => Number(value.toFixed(1))

export function durationChart(points: readonly Point[], markers: readonly Marker[]): Html {
  const most = nice(Math.max(1, ...points.map(point => point.p95Ms ?? 0)))
  const line = (figureOf: (point: Point) => number | null) => {
    let pen = 'M'
    return points
      .map((point, index) => {
        const value = figureOf(point)
        if (value === null) return ''
        const step = `${pen}${short(x((index + 0.5) / points.length))} ${short(y(value / most))}`
        pen = 'L'
        return step
      })
      .join('')
  }
  const last = points.findLast(point => point.p50Ms !== null)
  const words = last
    ? `Most recently half took at most ${duration(last.p50Ms)}, all but one in twenty ${duration(last.p95Ms)}.`
    : 'Nothing has run.'
  return chart(
    'Duration',
    words,
    html`${axis(most, value => duration(value))}${deploys(markers)}<path class="p95" d="${line(point => point.p95Ms)}"/><path class="p50" d="${line(point => point.p50Ms)}"/>${dots(points, most)}${ends(points)}`,
    html`<span><i></i>p50</span><span><i class="dash"></i>p95</span><span><i class="mark-deploy"></i>new version live</span>`,
    points,
  )
}

/** A part of the time with nothing on both sides would be a line of no length. */
function dots(points: readonly Point[], most: number): Html {
  return html`${points.map((point, index) =>
    point.p50Ms === null
      ? nothing
      : html`<circle cx="${short(x((index + 0.5) / points.length))}" cy="${short(y(point.p50Ms / most))}" r="2" fill="currentColor" class="spark"><title>${point.label}: p50 ${duration(point.p50Ms)}, p95 ${duration(point.p95Ms)}</title></circle>`,
  )}`
}

export function executionsChart(points: readonly Point[], markers: readonly Marker[]): Html {
  const most = nice(Math.max(4, ...points.map(point => point.amount)))
  const step = inner.width / points.length
  const bars = points.map(({ amount, failed, label }, index) => {
    if (amount === 0) return nothing
    const bar = (count: number, over: number, name: string) =>
      count === 0
        ? nothing
        : html`<rect class="${name}" x="${short(left + index * step + step * 0.12)}" width="${short(step * 0.76)}" y="${short(y((count + over) / most))}" height="${short((count / most) * inner.height)}"/>`
    return html`<g><title>${label}: ${plural(amount, 'execution')}, ${number(failed)} failed</title>${bar(failed, 0, 'fail')}${bar(amount - failed, failed, 'ok')}</g>`
  })
  const all = points.reduce((sum, point) => sum + point.amount, 0)
  const failed = points.reduce((sum, point) => sum + point.failed, 0)
  return chart(
    'Executions',
    `${plural(all, 'execution')}, ${number(failed)} failed (${percent(failed, all)}).`,
    html`${axis(most, value => number(Math.round(value)))}${deploys(markers)}${bars}${ends(points)}`,
    html`<span><i class="mark-ok"></i>succeeded</span><span><i class="mark-bad"></i>failed</span><span><i class="mark-deploy"></i>new version live</span>`,
    points,
  )
}

function chart(title: string, words: string, drawn: Html, legend: Html, points: readonly Point[]): Html {
  const rows = points
    .filter(point => point.amount > 0)
    .map(
      point =>
        html`<tr><th scope="row">${point.label}</th><td class="number">${number(point.amount)}</td><td class="number">${number(point.failed)}</td><td class="number">${duration(point.p50Ms)}</td><td class="number">${duration(point.p95Ms)}</td></tr>`,
    )
  return html`<figure class="chart"><header class="section"><h3>${title}</h3><div class="legend">${legend}</div></header><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}. ${words}">${drawn}</svg><details class="more"><summary>${words} As a table</summary><table><thead><tr><th scope="col">Time</th><th scope="col" class="number">Executions</th><th scope="col" class="number">Failed</th><th scope="col" class="number">p50</th><th scope="col" class="number">p95</th></tr></thead><tbody>${rows}</tbody></table></details></figure>`
}

function axis(most: number, words: (value: number) => string): Html {
  return html`${[0, 0.5, 1].map(
    share =>
      html`<line class="grid" x1="${left}" x2="${width - 8}" y1="${short(y(share))}" y2="${short(y(share))}"/><text x="${left - 6}" y="${short(y(share) + 4)}" text-anchor="end">${words(most * share)}</text>`,
  )}`
}

function ends(points: readonly Point[]): Html {
  return html`<text x="${left}" y="${height - 5}">${points[0]?.label ?? ''}</text><text x="${width - 8}" y="${height - 5}" text-anchor="end">now</text>`
}

function deploys(markers: readonly Marker[]): Html {
  return html`${markers.map(
    ({ at, label }) =>
      html`<line class="deploy" x1="${short(x(at))}" x2="${short(x(at))}" y1="14" y2="${height - bottom}"/><text class="deploy-label" x="${short(x(at))}" y="11" text-anchor="${at > 0.94 ? 'end' : 'middle'}">${label}</text>`,
  )}`
}

/** The next of 1, 2, 5, 10, 20 … */
function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 5, 10].find(one => one * power >= value) ?? 10
  return step * power
}
