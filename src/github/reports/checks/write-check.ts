// Brings one check run to a desired state with the fewest calls: created once (an earlier try may have died before it could
// note the number: then it is looked for by its external id), then only differences, annotations in batches of 50.

import { digest } from '../../../events/digest.ts'
import type { Remote } from '../../../events/reporter.ts'
import type { Octokit } from '../../client/client.ts'
import type { CheckAnnotation, CheckState } from './render-check.ts'

type Methods = Pick<Octokit['rest']['checks'], 'create' | 'update' | 'listForRef'>
export interface Checks {
  rest: { checks: Methods }
}

export interface CheckTarget {
  place: { owner: string; repo: string }
  sha: string
  externalId: string
}

/** GitHub takes so many in one request, and appends those of later ones. */
const batch = 50

interface Known {
  id: number
  hash: string
  annotated: number
}

export async function writeCheck(
  octokit: Checks,
  target: CheckTarget,
  state: CheckState,
  { remote, remember }: { remote: Remote; remember(remote: Remote): Promise<void> },
): Promise<Remote> {
  const { annotations, ...shown } = state
  const hash = digest(shown)
  let known = readRemote(remote) ?? (remote.creating ? await find(octokit, target, state.name) : null)
  if (!known) {
    await remember({ creating: true })
    const first = annotations.slice(0, batch)
    known = { id: await create(octokit, target, state, first), hash, annotated: first.length }
    await remember({ ...known })
  }
  while (known.hash !== hash || known.annotated < annotations.length) {
    const next = annotations.slice(known.annotated, known.annotated + batch)
    await update(octokit, target, known.id, state, next)
    known = { id: known.id, hash, annotated: known.annotated + next.length }
    await remember({ ...known })
  }
  return { ...known }
}

function readRemote({ id, hash, annotated }: Remote): Known | null {
  if (typeof id !== 'number') return null
  return {
    id,
    hash: typeof hash === 'string' ? hash : '',
    annotated: typeof annotated === 'number' ? annotated : 0,
  }
}

async function find(octokit: Checks, { place, sha, externalId }: CheckTarget, name: string) {
  const { data } = await octokit.rest.checks.listForRef({
    ...place,
    ref: sha,
    check_name: name,
    filter: 'all',
    per_page: 100,
  })
  const run = data.check_runs.find(candidate => candidate.external_id === externalId)
  return run ? { id: run.id, hash: '', annotated: run.output.annotations_count } : null
}

async function create(
  octokit: Checks,
  { place, sha, externalId }: CheckTarget,
  state: CheckState,
  annotations: CheckAnnotation[],
): Promise<number> {
  const { data } = await octokit.rest.checks.create({
    ...place,
    ...fields(state, annotations),
    name: state.name,
    head_sha: sha,
    external_id: externalId,
    // A blind second try after an unclear answer could make a twin; the job looks first when it tries again.
    request: { retries: 0 },
  })
  return data.id
}

async function update(
  octokit: Checks,
  { place }: CheckTarget,
  id: number,
  state: CheckState,
  annotations: CheckAnnotation[],
): Promise<void> {
  await octokit.rest.checks.update({ ...place, ...fields(state, annotations), check_run_id: id })
}

function fields(state: CheckState, annotations: CheckAnnotation[]) {
  const { status, conclusion, startedAt, completedAt, title, summary, text, actions } = state
  return {
    status,
    ...(conclusion ? { conclusion } : {}),
    ...(startedAt ? { started_at: startedAt.toISOString() } : {}),
    ...(completedAt ? { completed_at: completedAt.toISOString() } : {}),
    // An empty list takes away those that are there.
    actions,
    output: { title, summary, ...(text === null ? {} : { text }), annotations },
  }
}
