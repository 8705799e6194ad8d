// What an environment becomes of what people and pushes want of it, one after the other: the model that the verbs are held
// against when they come at the same time (integration/functions-intents). It knows rules, and no database.

export interface ModelFunction {
  /** Contents of its versions, by number. */
  versions: string[]
  /** Index of the live one. */
  active: number
  archived: 'removed_from_code' | 'by_hand' | null
  deletion: 'due' | 'later' | null
  paused: boolean
}

export interface Model {
  /** By number: what each function's code is. */
  builds: Record<number, Record<string, string>>
  live: number | null
  released: number[]
  pinned: boolean
  paused: boolean
  functions: Record<string, ModelFunction>
  deleted: string[]
}

export type Intent =
  | { do: 'push'; number: number; code: Record<string, string> }
  | { do: 'rollback' | 'pause' | 'resume'; on: string | null }
  | { do: 'archive' | 'restore' | 'cancel_deletion' | 'call'; on: string }
  | { do: 'delete'; on: string; deletion: 'due' | 'later' }
  /** What workers and the sweep were seen to do. */
  | { do: 'claimed'; on: string; content: string }
  | { do: 'deleted'; on: string }

export const empty = (): Model => ({
  builds: {},
  live: null,
  released: [],
  pinned: false,
  paused: false,
  functions: {},
  deleted: [],
})

/** Changes `model`; resolves to the outcome's code. */
export function apply(model: Model, intent: Intent): string {
  switch (intent.do) {
    case 'push':
      model.builds[intent.number] = intent.code
      return release(model, intent.number, 'deploy')
    case 'rollback':
      return intent.on === null
        ? rollBackAll(model)
        : onFunction(model, intent.on, one => rollBack(model, one))
    case 'pause':
      return intent.on === null ? pause(model) : onFunction(model, intent.on, pause)
    case 'resume':
      return intent.on === null ? resumeAll(model) : onFunction(model, intent.on, one => resume(model, one))
    case 'archive':
      return onFunction(model, intent.on, archive)
    case 'restore':
      return onFunction(model, intent.on, restore)
    case 'delete':
      return onFunction(model, intent.on, one => scheduleDeletion(one, intent.deletion))
    case 'cancel_deletion':
      if (!model.functions[intent.on] && model.deleted.includes(intent.on)) return 'already_deleted'
      return onFunction(model, intent.on, cancelDeletion)
    case 'call':
      return model.functions[intent.on] ? 'accepted' : 'not_found'
    case 'claimed':
      return mayRun(model, model.functions[intent.on], intent.content) ? 'claimed' : 'must_not_run'
    case 'deleted':
      return deleteNow(model, intent.on)
  }
}

function onFunction(model: Model, name: string, work: (one: ModelFunction) => string): string {
  const one = model.functions[name]
  return one ? work(one) : 'no_such_function'
}

function release(model: Model, number: number, kind: 'deploy' | 'rollback' | 'resume'): string {
  if (kind !== 'rollback') {
    if (model.pinned) return 'pinned'
    if (model.live !== null && number < model.live) return 'older'
  }
  const code = model.builds[number] ?? {}
  const before = JSON.stringify(model.functions)
  for (const [name, content] of Object.entries(code)) deploy(model, name, content)
  for (const [name, one] of Object.entries(model.functions))
    if (!(name in code)) one.archived ??= 'removed_from_code'
  if (number === model.live && before === JSON.stringify(model.functions)) return 'current'
  model.live = number
  if (!model.released.includes(number)) model.released.push(number)
  return 'activated'
}

const blank = (): ModelFunction => ({
  versions: [],
  active: 0,
  archived: null,
  deletion: null,
  paused: false,
})

function deploy(model: Model, name: string, content: string): void {
  const one = model.functions[name] ?? blank()
  model.functions[name] = one
  if (!one.versions.includes(content)) one.versions.push(content)
  one.active = one.versions.indexOf(content)
  if (one.archived === 'removed_from_code') one.archived = null
}

function rollBackAll(model: Model): string {
  const { live } = model
  if (live === null) return 'nothing_live'
  const earlier = model.released.filter(number => number < live)
  if (earlier.length === 0) return 'no_such_build'
  model.pinned = true
  release(model, Math.max(...earlier), 'rollback')
  return 'rolled_back'
}

function rollBack(model: Model, one: ModelFunction): string {
  if (one.active === 0) return 'no_such_version'
  model.pinned = true
  one.active -= 1
  return 'rolled_back'
}

function pause(target: { paused: boolean }): string {
  if (target.paused) return 'already_paused'
  target.paused = true
  return 'paused'
}

function resume(model: Model, one: ModelFunction): string {
  const was = one.paused
  one.paused = false
  const holding = holdingOf(model, one)
  if (was) return holding ? 'resumed_still_held' : 'resumed'
  return holding ?? 'not_paused'
}

function resumeAll(model: Model): string {
  const { paused, pinned } = model
  if (!paused && !pinned) {
    const some = Object.values(model.functions).some(one => one.paused)
    return some ? 'only_functions_paused' : 'nothing_in_force'
  }
  model.paused = false
  model.pinned = false
  if (pinned) release(model, Math.max(...Object.keys(model.builds).map(Number)), 'resume')
  return 'resumed'
}

function archive(one: ModelFunction): string {
  if (one.deletion) return 'pending_deletion'
  if (one.archived) return 'already_archived'
  one.archived = 'by_hand'
  return 'archived'
}

function restore(one: ModelFunction): string {
  if (one.deletion) return 'pending_deletion'
  if (!one.archived) return 'not_archived'
  one.archived = null
  return 'restored'
}

function scheduleDeletion(one: ModelFunction, deletion: 'due' | 'later'): string {
  if (one.deletion) return 'already_scheduled'
  one.deletion = deletion
  return 'deletion_scheduled'
}

function cancelDeletion(one: ModelFunction): string {
  if (!one.deletion) return 'not_scheduled'
  one.deletion = null
  return 'deletion_cancelled'
}

function deleteNow(model: Model, name: string): string {
  if (model.functions[name]?.deletion !== 'due') return 'must_not_go'
  delete model.functions[name]
  if (!model.deleted.includes(name)) model.deleted.push(name)
  return 'deleted'
}

function holdingOf(model: Model, one: ModelFunction): string | null {
  if (one.deletion) return 'pending_deletion'
  if (one.archived) return 'archived'
  if (one.paused) return 'paused'
  return model.paused ? 'environment_paused' : null
}

function mayRun(model: Model, one: ModelFunction | undefined, content: string): boolean {
  return one !== undefined && holdingOf(model, one) === null && one.versions[one.active] === content
}

export interface Seen {
  intent: Intent
  outcome: string
}

/** An order in which one after the other would have come to the same; null: there is none. */
export function explain(
  before: Model,
  seen: readonly Seen[],
  after: (model: Model) => boolean,
): Seen[] | null {
  if (seen.length === 0) return after(before) ? [] : null
  for (const one of seen) {
    const model = structuredClone(before)
    if (apply(model, one.intent) !== one.outcome) continue
    const rest = explain(
      model,
      seen.filter(other => other !== one),
      after,
    )
    if (rest) return [one, ...rest]
  }
  return null
}
