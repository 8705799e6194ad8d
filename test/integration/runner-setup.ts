// A runner over artifacts in memory, in a folder of its own: each call is an attempt of the code it is given.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { searchPathOf } from '../../src/builds/processes/machine.ts'
import type { Exit } from '../../src/executions/outcome.ts'
import type { Runner } from '../../src/executions/ports.ts'
import type { Isolation } from '../../src/isolation/isolation.ts'
import { probeIsolation } from '../../src/isolation/probe.ts'
import { createProcessRunner, type ProcessRunnerOptions } from '../../src/runner/process.ts'
import { runOne } from '../support/runner.ts'
import { createMemoryStore, log } from './executions-setup.ts'

export const withoutWalls = (): Promise<Isolation> => probeIsolation(false, searchPathOf())

const noMap = '{"version":3,"sources":[],"mappings":""}'

export interface Call {
  args?: unknown[]
  maxDurationMs?: number
  graceMs?: number
  versionId?: string
  functionId?: string
  signal?: AbortSignal
  number?: number
  /** Of what the code was made of. */
  sourceMap?: string
}

export function setup(options: Partial<ProcessRunnerOptions> = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-runner-'))
  const artifacts = createMemoryStore()
  const runner: Runner = createProcessRunner({
    artifacts,
    folder,
    concurrency: 4,
    environmentFor: environmentId => ({ DEFER_TOKEN: `token of ${environmentId}` }),
    isolation: withoutWalls,
    log,
    ...options,
  })
  onTestFinished(async () => {
    await runner.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  async function run(
    code: string,
    { args = [], signal, sourceMap = noMap, ...call }: Call = {},
  ): Promise<Exit> {
    const bundleDigest = await artifacts.put(Buffer.from(code))
    const sourceMapDigest = await artifacts.put(Buffer.from(sourceMap))
    const attempt = {
      executionId: 'e1',
      number: 1,
      environmentId: 'env1',
      functionId: 'f1',
      functionName: 'one',
      versionId: bundleDigest,
      bundleDigest,
      sourceMapDigest,
      arguments: JSON.stringify(args),
      maxDurationMs: 60_000,
      ...call,
    }
    const exit = await runOne(runner, attempt, signal)
    if (exit.kind === 'not_begun') throw new Error('nobody kept it from beginning')
    return exit
  }
  return { runner, run, folder, artifacts }
}

export const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
