// What executions need from outside: something that runs one attempt. runner/ implements it.
import type { Exit, NotBegun } from './outcome.ts'

/** What a process is started for. */
export interface Version {
  environmentId: string
  functionId: string
  versionId: string
  bundleDigest: string
  sourceMapDigest: string
}

export interface Attempt extends Version {
  executionId: string
  /** 1 for the first. */
  number: number
  functionName: string
  /** A JSON array. */
  arguments: string
  maxDurationMs: number
  /** What it has after that, when it listens to its signal, until it is ended by force. 5 s where left out. */
  graceMs?: number
}

export type LogLevel = 'debug' | 'log' | 'info' | 'warn' | 'error'

export interface LogLine {
  level: LogLevel
  /** On the clock of the machine it ran on. */
  atMs: number
  /** Without what cannot be stored or shown. */
  text: string
}

/** Lines of an attempt, in their order; more of them may follow. */
export interface AttemptLines {
  executionId: string
  attempt: number
  /** Counts from 0. */
  batch: number
  lines: LogLine[]
}

/** Never waited for. */
export type KeepLog = (lines: AttemptLines) => void

/** Why functions under way are to come to an end soon. */
export type Warning = 'shutting_down' | 'draining'

/** An attempt that is to be made. */
export interface Call {
  attempt: Attempt
  /**
   * Ends the attempt when it fires: cancelled (`aborted`) it is told by the function's own signal, and has less than a second;
   * for any other reason at once. Of one behind another only when its turn has come.
   */
  signal: AbortSignal
  /** Asked of the first when a process is ready for it, right before the function is called. */
  mayBegin(): boolean | Promise<boolean>
  /** On performance.now(), asked after that: by then the function's first line has run, or it does not begin. */
  beginByMs(): number
  /** Its end, as soon as it is known. */
  ended(exit: Exit | NotBegun): void
}

export interface Runner {
  /**
   * Calls of one version, one after another in one process, which has them all before the first begins. Resolves when each has
   * ended and the process is free. Never rejects: whatever goes wrong is an Exit.
   */
  run(calls: readonly Call[]): Promise<void>
  /**
   * Tells functions under way, of that environment or of all; they go on. What one that listens throws from then on is no
   * failure: its exit is `stopped`. Told to all, it holds for what begins later, too.
   */
  warn(warning: Warning, environmentId?: string): void
  /**
   * Starts a process that the version's next call finds ready, also while calls of an older version go on. False: it keeps
   * enough of them, or the code could not be loaded, which the first call will tell. Never rejects.
   */
  warm(version: Version): Promise<boolean>
  /** Ends every process it keeps. */
  stop(): Promise<void>
}
