// What checks and comments say alike: which functions a build changed and what waits because of it, who stopped something,
// and why a build failed. Pure Markdown; words of other people stand in code.
import type { BuildView, OverlayView } from '../../builds/views/view.ts'
import { builderWords, failureWords, stageTimes } from '../../builds/views/view-words.ts'
import type { Changes } from '../../functions/diff.ts'
import { codeSpan, fence, prose, table } from './markdown.ts'

const maxRows = 100
const maxNotices = 20

const kinds = ['added', 'changed', 'restored', 'archived', 'unchanged'] as const

/** Null: the build never became live, or has no functions at all. */
export function functionTable(view: BuildView): string | null {
  return view.release && changesTable(view, view.release.changes)
}

export function changesTable(view: BuildView, changes: Changes): string | null {
  const rows = rowsOf(changes, new Map(view.held.map(({ name, count }) => [name, count])))
  if (rows.length === 0) return null
  const shown = table(['Function', 'In this release', 'Held executions'], rows.slice(0, maxRows))
  return rows.length > maxRows ? `${shown}\n\n… and ${rows.length - maxRows} more.` : shown
}

function rowsOf(changes: Changes, held: ReadonlyMap<string, number>): string[][] {
  return kinds.flatMap(kind =>
    changes[kind].map(name => [codeSpan(name), kind, heldOf(kind, held.get(name) ?? 0)]),
  )
}

function heldOf(kind: keyof Changes, count: number): string {
  if (count > 0) return `${count >= 10_000 ? '10,000 or more' : count}`
  return kind === 'archived' ? '0' : ''
}

/** One paragraph each: what is stopped, by whom, why, until when, and how it goes on. */
export function notices(view: BuildView): string[] {
  const shown = view.overlays.slice(0, maxNotices).map(overlay => notice(view.environment.name, overlay))
  const rest = view.overlays.length - shown.length
  const all = rest > 0 ? [...shown, `… and ${rest} more are paused.`] : shown
  return [...all, ...evictionNotice(view)]
}

function evictionNotice({ environment, repository }: BuildView): string[] {
  const { name, evictAt, closed } = environment
  if (!evictAt || closed) return []
  const when = `**${codeSpan(name)} is to be closed at ${minuteOf(evictAt)} UTC.**`
  const why = `More than ${repository.file.previews.limit} previews are open, and nothing was pushed to this one for longest.`
  return [`${when} ${why} A push keeps it; a later one wakes it again.`]
}

const minuteOf = (at: Date) => at.toISOString().slice(0, 16).replace('T', ' ')

function notice(environment: string, overlay: OverlayView): string {
  const { kind, functionName, actor, reason, until } = overlay
  const what = functionName
    ? `Function ${codeSpan(functionName)} of ${codeSpan(environment)}`
    : codeSpan(environment)
  const state =
    kind === 'pin' ? 'is pinned: pushes build but do not go live' : 'is paused: executions are held'
  const why = reason ? ` (${prose(reason, 300)})` : ''
  const end = until ? ` Until ${minuteOf(until)} UTC.` : ''
  const command = `/resume ${environment}${functionName ? ` ${functionName}` : ''}`
  return `**${what} ${state}**, by ${codeSpan(actor)}${why}.${end} To go on: ${codeSpan(command)}.`
}

/** Why it failed, in the words of the builder, and what to do. */
export function failureText(view: BuildView): string | null {
  const words = failureWords(view)
  if (!view.failure || !words) return null
  const stage = words.stage ? `, in stage ${codeSpan(words.stage)}` : ''
  const place = words.place ? `, at ${codeSpan(words.place)}` : ''
  const remedy = words.remedy ? ` ${prose(words.remedy)}` : ''
  return `${fence(view.failure.message)}\n\nReason: ${codeSpan(words.code)}${stage}${place}.${remedy}`
}

/** Which builder made it where that is not the ordinary one, and how long it took. */
export function howItWent(view: BuildView): string | null {
  const said = [stageTimes(view), builderWords(view)].filter(words => words !== null)
  return said.length > 0 ? `<sub>${prose(said.join(' · '))}</sub>` : null
}
