// An attempt begins soon after its claim, or its claim is confirmed first. That makes a switch strict without a word from any
// worker: once nothing new is claimed and this time has passed, nothing that was claimed before can begin any more. Pure.

/** That long a worker may tell a process to begin it, by its monotonic clock, from before the statement that claimed or confirmed it. */
export const beginsWithinMs = 60

/** From there to the function's first line. */
const onTheWayMs = 30

/**
 * The process itself, which goes by the same clock, begins nothing after it. A switch waits as long by PostgreSQL's clock from that
 * statement on: that is later than the worker's count.
 */
export const mayBeginForMs = beginsWithinMs + onTheWayMs
