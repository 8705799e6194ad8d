// The one comment of a pull request. Pure. Progress of a build is not in it (that is the check's): a build edits it once,
// when it ends.
import { type BuildView, type Fate, fateOf, headline, shortSha } from '../builds/views/view.ts'
import { unchangedWords } from '../builds/views/view-words.ts'
import { codeSpan, prose, table, truncate } from './markdown.ts'
import { changesTable, failureText, functionTable, howItWent, notices } from './render-functions.ts'

/** GitHub's limit is 65,536 characters; bytes are never fewer. */
const maxBytes = 65_000

/** Hidden in the comment: how it is found again when its id was lost. */
export function commentMarker(repositoryId: number, pullNumber: number): string {
  return `<!-- sluice:preview ${repositoryId}#${pullNumber} -->`
}

/** Null: this build has nothing to say in a comment, at least not yet. `exists`: there is one already. */
export function renderComment(view: BuildView, exists: boolean): string | null {
  const fate = fateOf(view)
  const mode = view.repository.file.notifications.comments
  if (mode === 'off' || fate === 'superseded' || fate === 'cancelled') return null
  if (!exists && saysNothingNew.has(fate)) return null
  if (!exists && mode === 'failures' && fate !== 'failed') return null
  if (!exists && fate !== 'failed' && deploysNothing(view)) return null
  return truncate(body(view), maxBytes)
}

const saysNothingNew: ReadonlySet<Fate> = new Set(['queued', 'building', 'closed', 'unchanged'])

function deploysNothing(view: BuildView): boolean {
  const archived = view.release?.changes.archived.length ?? 0
  return view.functions?.length === 0 && archived === 0
}

function body(view: BuildView): string {
  const { environment, repository } = view
  const row = [codeSpan(environment.name), prose(stateWords(view), 300), codeSpan(shortSha(view.sha))]
  return [
    commentMarker(repository.id, environment.pullNumber ?? 0),
    '### Sluice preview',
    table(['Environment', 'State', 'Commit'], [row]),
    failureText(view),
    functionTable(view) ?? (view.sameAs?.changes ? changesTable(view, view.sameAs.changes) : null),
    howItWent(view),
    ...notices(view),
    '<sub>Commands: write `/help` as a comment.</sub>',
  ]
    .filter(part => part !== null)
    .join('\n\n')
}

/** Without the stages: a comment that is edited every few seconds is noise. */
function stateWords(view: BuildView): string {
  const fate = fateOf(view)
  if (fate === 'queued' || fate === 'building') return 'Building'
  if (fate === 'unchanged')
    return [headline(view), unchangedWords(view)].filter(said => said !== null).join('. ')
  return fate === 'failed' ? 'The build failed; what was live stays live' : headline(view)
}
