// The merge queue waits for checks on the commit of each group, by the names it requires of pull requests. Nothing is built or
// deployed from the queue: what is merged is built on its branch, a moment later, and only that can go live. So the
// checks of a group say just that, at once: one that never came would hold the queue up and then throw the group out.
import type { Core } from '../../../events/outbox.ts'
import { codeSpan } from '../markdown.ts'
import type { CheckState } from './render-check.ts'

export interface MergeGroup {
  repositoryId: number
  sha: string
  /** Its temporary branch, with refs/heads/. */
  ref: string
}

const shape = /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-(\d+)-[0-9a-f]+$/

/** The branch it is to be merged into, and the last pull request in it: each of the others has a group of its own. */
export function readGroupRef(ref: string): { base: string; pullNumber: number } | null {
  const [, base, number] = shape.exec(ref) ?? []
  return base && number ? { base, pullNumber: Number(number) } : null
}

export function requestMergeChecks(core: Core, { repositoryId, sha, ref }: MergeGroup): Promise<void> {
  if (!readGroupRef(ref)) return Promise.resolve()
  return core.db.transaction(tx =>
    core.append(tx, { type: 'merge_group.requested', repositoryId, actor: 'sluice', data: { sha, ref } }),
  )
}

export function renderMergeCheck(name: string, base: string): CheckState {
  return {
    name,
    status: 'completed',
    conclusion: 'neutral',
    startedAt: null,
    completedAt: null,
    title: 'Nothing is deployed from the merge queue',
    summary: `What is merged is built on ${codeSpan(base)}, and goes live from there.`,
    text: null,
    annotations: [],
    actions: [],
  }
}
