// Words of states in the colours people expect. Pure.
import type { Colour } from './terminal.ts'

const good = new Set(['active', 'succeeded', 'normal'])
const bad = new Set(['failed', 'deleted', 'aborted', 'pending_deletion', 'refused'])
const odd = new Set([
  ...['queued', 'running', 'aborting', 'building', 'init', 'fetching', 'installing', 'generating'],
  ...['compiling', 'publishing', 'preparing_for_stop', 'safe_to_stop'],
])

export function colourOf(state: string): Colour | null {
  if (good.has(state)) return 'green'
  if (bad.has(state)) return 'red'
  return odd.has(state) ? 'yellow' : 'dim'
}
