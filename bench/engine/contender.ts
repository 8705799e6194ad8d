// What is measured of each queue. All work on the same PostgreSQL, each in a database of its own, with the same number of
// slots; each is there from its start on, warm, so that nobody pays for connecting or compiling within a measurement.

export interface Contender {
  name: string
  /** Stores one call that nobody runs yet. Only while it is not working. */
  enqueue(): Promise<void>
  /** Many calls by the way it has for that; null: it has none. Only while it is not working. */
  enqueueAll: ((amount: number) => Promise<void>) | null
  /** From handing in a call until its function has begun, in milliseconds. Only while it is working. */
  startLatencyMs(): Promise<number>
  /** So many calls that become visible to its workers at one commit. */
  fill(amount: number): Promise<void>
  /** Nothing waits and nothing runs, as the database has it. */
  isIdle(): Promise<boolean>
  startWorking(): Promise<void>
  stopWorking(): Promise<void>
  close(): Promise<void>
}

/** How many calls each runs at once. */
export const slots = 4
