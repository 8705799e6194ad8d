// The message of a build in Slack. Pure. Stages are not in it: a message that is edited every few seconds is noise, and the
// check on GitHub shows them.
import {
  type BuildView,
  branchOf,
  countChanges,
  type Fate,
  fateOf,
  headline,
  shortSha,
} from '../builds/views/view.ts'
import { builderWords, failureWords, seconds, stageTimes } from '../builds/views/view-words.ts'
import { block, code, escapeMarkup, prose } from './mrkdwn.ts'
import { type Block, context, type Message, section } from './render.ts'

/** Slack takes 3,000 characters in the text of a block. */
const maxBlock = 2_900
const maxNames = 20

const marks: Record<Fate, string> = {
  queued: ':hourglass_flowing_sand:',
  building: ':hammer_and_wrench:',
  live: ':white_check_mark:',
  pinned: ':pushpin:',
  older: ':fast_forward:',
  closed: ':no_entry_sign:',
  replaced: ':leftwards_arrow_with_hook:',
  failed: ':x:',
  cancelled: ':no_entry_sign:',
  superseded: ':fast_forward:',
  unchanged: ':heavy_equals_sign:',
}

export function renderBuild(view: BuildView): Message {
  const words = stateWords(view)
  return {
    text: escapeMarkup(`${repositoryOf(view)} ${view.environment.name}: ${words} (${shortSha(view.sha)})`),
    blocks: [
      section(`${marks[fateOf(view)]} *${prose(words)}*\n${whereabouts(view)}`),
      ...changesBlock(view),
      ...failureBlock(view),
      ...noticesBlock(view),
      context(`by ${code(view.author || 'unknown')}${howItWent(view)}`),
    ],
  }
}

/** What the channel is told when things change for the better or the worse; null: nothing changed. */
export function renderNotice(view: BuildView): (Message & { key: 'failed' | 'recovered' }) | null {
  const fate = fateOf(view)
  const place = `${code(repositoryOf(view))} ${code(view.environment.name)}`
  if (view.previous === 'failed' && (fate === 'live' || fate === 'unchanged')) {
    const how = fate === 'live' ? 'builds again and is live' : 'is again what is live'
    const said = `:white_check_mark: *Recovered*: ${place} ${how} at ${code(shortSha(view.sha))}.`
    return { key: 'recovered', ...notice(view, 'recovered', said) }
  }
  if (fate === 'failed' && view.previous !== 'failed') {
    const said = `:x: *Failed*: ${place} does not build at ${code(shortSha(view.sha))}. What was live stays live.`
    return { key: 'failed', ...notice(view, 'failed', said) }
  }
  return null
}

function notice(view: BuildView, word: string, said: string): Message {
  const text = escapeMarkup(`${repositoryOf(view)} ${view.environment.name} ${word} at ${shortSha(view.sha)}`)
  return { text, blocks: [section(said)] }
}

function stateWords(view: BuildView): string {
  return fateOf(view) === 'building' ? 'Building' : headline(view)
}

function repositoryOf({ repository }: BuildView): string {
  return `${repository.owner}/${repository.name}`
}

function whereabouts(view: BuildView): string {
  const message = view.message ? ` ${prose(view.message, 150)}` : ''
  const at = `${code(branchOf(view.ref))} at ${code(shortSha(view.sha))}`
  return `${code(repositoryOf(view))} → ${code(view.environment.name)}, ${at}${message}`
}

function changesBlock(view: BuildView): Block[] {
  if (!view.release) return []
  const { changes } = view.release
  const lines = (['added', 'changed', 'restored', 'archived'] as const)
    .filter(kind => changes[kind].length > 0)
    .map(kind => `*${kind}* ${names(changes[kind])}`)
  return lines.length > 0 ? [section(`${countChanges(changes)}\n${lines.join('\n')}`)] : []
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, maxNames).map(name => code(name, 60))
  const rest = all.length - shown.length
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

function failureBlock(view: BuildView): Block[] {
  const words = failureWords(view)
  if (!view.failure || !words) return []
  const stage = words.stage ? `, in stage ${code(words.stage)}` : ''
  const place = words.place ? `, at ${code(words.place)}` : ''
  const remedy = words.remedy ? ` ${prose(words.remedy)}` : ''
  return [
    section(block(view.failure.message, maxBlock)),
    section(`Reason: ${code(words.code)}${stage}${place}.${remedy}`),
  ]
}

function noticesBlock({ overlays, environment }: BuildView): Block[] {
  if (overlays.length === 0) return []
  const lines = overlays.slice(0, 5).map(({ kind, functionName, actor, reason }) => {
    const what = functionName ? `${code(functionName)} of ${code(environment.name)}` : code(environment.name)
    return `${what} is ${kind === 'pin' ? 'pinned' : 'paused'} by ${code(actor)}${reason ? `: ${prose(reason, 150)}` : ''}`
  })
  return [section(lines.join('\n'))]
}

function howItWent(view: BuildView): string {
  const { startedAt, finishedAt } = view
  const took = startedAt && finishedAt ? `took ${seconds(finishedAt.getTime() - startedAt.getTime())}` : null
  const words = [took, stageTimes(view), builderWords(view)].filter(said => said !== null)
  return words.map(said => `, ${prose(said)}`).join('')
}
