// What the tests of the schedule share: the ticks that were stored, and schedulers in processes of their own.
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { onTestFinished } from 'vitest'
import { executions } from '../../src/db/schema.ts'
import type { Place } from './executions-setup.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** In order. */
export const ticksOf = async ({ db }: Place, functionId: string) => {
  const rows = await db
    .select({ at: executions.scheduleFor })
    .from(executions)
    .where(eq(executions.functionId, functionId))
    .orderBy(executions.scheduleFor)
  return rows.map(row => row.at.getTime())
}

/** Ends with the test, if not before. */
export function spawnProgram(program: string, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
