// An attempt begins soon after its claim, or its claim is confirmed first. That makes a switch strict without a word from any
// worker: once nothing new is claimed and this time has passed, nothing that was claimed before can begin any more. Pure.

/** By the worker's own monotonic clock, from before the statement that claimed or confirmed it. */
export const beginsWithinMs = 100

/** From the process being told to begin to the function's first line, also where processors are short. */
const onTheWayMs = 50

/** By PostgreSQL's clock, from the statement that claimed it: later than the worker's count, so the worker is never later. */
export const mayBeginForMs = beginsWithinMs + onTheWayMs
