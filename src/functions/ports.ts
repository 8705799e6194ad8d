// What a deletion needs of those above and beside this folder: the executions it cancels and the place for their payloads.
import type { Tx } from '../db/client.ts'

export interface HeldExecutions {
  /** Cancels every execution of the function that has not started, in the caller's transaction, and hands back its payload. */
  cancelAll(tx: Tx, functionId: string): Promise<{ id: string; arguments: string }[]>
}

export interface ArtifactPut {
  /** Resolves to the digest under which the content is kept, once it is durable. Storing the same content again is free. */
  put(content: Uint8Array): Promise<string>
}
