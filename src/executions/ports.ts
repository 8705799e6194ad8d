// What executions need from outside: something that runs one attempt. runner/ implements it.
import type { Exit } from './outcome.ts'

export interface Attempt {
  executionId: string
  /** 1 for the first. */
  number: number
  environmentId: string
  functionId: string
  functionName: string
  versionId: string
  bundleDigest: string
  sourceMapDigest: string
  /** A JSON array. */
  arguments: string
  maxDurationMs: number
}

export interface Runner {
  /** Ends the attempt at once when `signal` fires. Never rejects: whatever goes wrong is an Exit. */
  run(attempt: Attempt, signal: AbortSignal): Promise<Exit>
  /** Ends every process it keeps. */
  stop(): Promise<void>
}
