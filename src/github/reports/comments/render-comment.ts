// The one comment of a pull request: all environments that its head is in. Pure. Progress of a build is not in it (that is the
// check's): a build edits it when it begins and when it ends.
import type { Durations } from '../../../builds/views/durations.ts'
import { type BuildView, type Fate, fateOf, headline, shortSha } from '../../../builds/views/view.ts'
import { unchangedWords } from '../../../builds/views/view-words.ts'
import { codeSpan, prose, table, truncate } from '../markdown.ts'
import { changesTable, failureText, functionTable, howItWent, notices } from '../render-functions.ts'
import { durationsTable } from './render-durations.ts'

export interface PullView {
  repositoryId: number
  number: number
  /** The newest build of each environment, its preview's first. */
  environments: { view: BuildView; checkUrl: string | null }[]
  durations: Durations | null
}

/** GitHub's limit is 65,536 characters; bytes are never fewer. */
const maxBytes = 65_000

/** Hidden in the comment: how it is found again when its id was lost. */
export function commentMarker(repositoryId: number, pullNumber: number): string {
  return `<!-- sluice:preview ${repositoryId}#${pullNumber} -->`
}

/** Null: there is nothing to say in a comment, at least not yet. `exists`: there is one already. */
export function renderComment(pull: PullView, exists: boolean): string | null {
  const views = pull.environments.map(({ view }) => view)
  const [first] = views
  if (!first) return null
  const mode = first.repository.file.notifications.comments
  const fate = fateOf(first)
  if (mode === 'off' || fate === 'superseded' || fate === 'cancelled') return null
  if (!exists && !views.some(view => isNews(view, mode === 'failures'))) return null
  return truncate(body(pull), maxBytes, leftOut(pull))
}

function leftOut({ environments }: PullView): string {
  const url = environments.find(({ checkUrl }) => checkUrl !== null)?.checkUrl
  return url ? `The rest was left out; [the check](${url}) and its log have it.` : 'The rest was left out.'
}

/** Whether this alone is worth a comment where there is none. */
function isNews(view: BuildView, onlyFailures: boolean): boolean {
  const fate = fateOf(view)
  if (fate === 'failed') return true
  return !onlyFailures && !saysNothingNew.has(fate) && !deploysNothing(view)
}

const saysNothingNew: ReadonlySet<Fate> = new Set([
  'queued',
  'building',
  'closed',
  'unchanged',
  'superseded',
  'cancelled',
])

function deploysNothing(view: BuildView): boolean {
  const archived = view.release?.changes.archived.length ?? 0
  return view.functions?.length === 0 && archived === 0
}

function body({ repositoryId, number, environments, durations }: PullView): string {
  const several = environments.length > 1
  return [
    commentMarker(repositoryId, number),
    '### Sluice',
    table(['Environment', 'State', 'Commit', 'Log'], environments.map(rowOf)),
    ...environments.flatMap(({ view }) => details(view, several)),
    durations && durationsTable(durations),
    '<sub>Commands: write `/help` as a comment.</sub>',
  ]
    .filter(part => part !== null)
    .join('\n\n')
}

function rowOf({ view, checkUrl }: PullView['environments'][number]): string[] {
  const { environment, sha } = view
  const link = checkUrl ? `[check and log](${checkUrl})` : ''
  return [codeSpan(environment.name), prose(stateWords(view), 300), codeSpan(shortSha(sha)), link]
}

function details(view: BuildView, several: boolean): (string | null)[] {
  const said = [
    failureText(view),
    functionTable(view) ?? (view.sameAs?.changes ? changesTable(view, view.sameAs.changes) : null),
    howItWent(view),
    ...notices(view),
  ].filter(part => part !== null)
  return several && said.length > 0 ? [`#### ${codeSpan(view.environment.name)}`, ...said] : said
}

/** Without the stages: a comment that is edited every few seconds is noise. */
function stateWords(view: BuildView): string {
  const fate = fateOf(view)
  if (fate === 'queued' || fate === 'building') return 'Building'
  if (fate === 'unchanged')
    return [headline(view), unchangedWords(view)].filter(said => said !== null).join('. ')
  return fate === 'failed' ? 'The build failed; what was live stays live' : headline(view)
}
