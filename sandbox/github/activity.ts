// What a conversation shows between its comments; ids share the world's sequence, which keeps the order of a busy second.
import type { Issue } from './state.ts'
import { nextId, now, type World } from './world.ts'

export function recordActivity(world: World, issue: Issue, login: string, text: string): void {
  issue.activity.push({ id: nextId(world), at: now(), login, text })
}
