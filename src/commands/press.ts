// A button of a build's check, pressed: it becomes a command like one that was written, and goes the same way from there (role
// asked now, audit, answer). Once for each delivery that tells of it. Nothing is believed of who pressed but the name.
import { z } from 'zod'
import type { Db } from '../db/client.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { type Outcome, refused } from '../functions/outcome.ts'
import { findPressedBuild, insertPressed, newestBuild } from './store.ts'

export interface Press {
  repositoryId: number
  /** Whose check it is. */
  buildId: string
  /** What GitHub says was pressed. */
  button: string
  actor: string
  deliveryId: string
}

export const buttons = ['retry', 'rollback', 'pause', 'resume'] as const
export type Button = (typeof buttons)[number]
const Button = z.enum(buttons)

/** Resolves to the command's id; null: no button of ours, or known already. */
export async function receivePress(core: Core, press: Press): Promise<string | null> {
  const button = Button.safeParse(press.button)
  const pressed = button.success ? await findPressedBuild(core.db, press) : null
  if (!button.success || !pressed || press.actor.endsWith('[bot]')) return null
  const { number, environment, pullNumber } = pressed
  const { repositoryId, buildId, actor, deliveryId } = press
  // In production a pause takes a reason: this one says where to ask.
  const reason = button.data === 'pause' ? ` "by the button on the check of build ${number}"` : ''
  const line = `/${button.data} ${environment}${reason}`
  return core.db.transaction(async tx => {
    const id = await insertPressed(tx, {
      ...{ repositoryId, buildId, actor, deliveryId, line },
      issueNumber: pullNumber,
    })
    if (id === null) return null
    await core.append(tx, {
      type: 'command.received',
      repositoryId,
      buildId,
      actor,
      data: { commandId: id, button: button.data },
    })
    await core.jobs.send(tx, 'command', { commandId: id })
    return id
  })
}

/** What stood on the check may be over: a button acts on the build it was pressed on, or not at all. Null: it still holds. */
export async function pressedTooLate(
  db: Db,
  buildId: string,
  command: string,
  environment: Environment,
): Promise<Outcome | null> {
  const where = `**${environment.name}**`
  if (command === 'rollback' && environment.activeBuildId !== buildId)
    return refused(
      'build_not_live',
      `This build is not live in ${where} any more, so nothing was rolled back.`,
    )
  if (command === 'retry' && (await newestBuild(db, environment.id))?.id !== buildId)
    return refused('build_not_newest', `Another build of ${where} came after this one; look at its check.`)
  return null
}
