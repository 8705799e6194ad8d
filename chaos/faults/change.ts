// What people do meanwhile: deploy, roll back, pause, resume; by pushes and comments, as on GitHub.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '../schedule.ts'
import type { World } from '../world.ts'

export async function change(world: World, what: Change, ms: number): Promise<void> {
  if (what === 'deploy') return void (await world.repository.push())
  const line = {
    rollback: '/rollback production',
    pause: '/pause production "as chaos wants it"',
    pause_one: '/pause production quick "as chaos wants it"',
  }[what]
  await world.exclusively(async () => {
    await world.repository.comment(line)
    await sleep(ms)
    await resume(world)
  })
}

/** Lifts every pause, and the pin that a rollback leaves. */
export async function resume(world: World): Promise<void> {
  await world.repository.comment('/resume production\n/resume production quick')
}
