// Milliseconds on the machine's monotonic clock, which all its processes share, also those in a sandbox.
const { hrtime } = process

export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
}
