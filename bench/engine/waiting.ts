// Calls whose start is awaited: by their number, which the function is given.

export interface Waiting {
  /** A new call's number, and when its function began, on performance.now(). */
  expect(): { call: number; began: Promise<number> }
  begin(call: number): void
}

export function createWaiting(): Waiting {
  const waiting = new Map<number, (ms: number) => void>()
  let last = 0
  return {
    expect() {
      const { promise, resolve } = Promise.withResolvers<number>()
      last += 1
      waiting.set(last, resolve)
      return { call: last, began: promise }
    },
    begin(call) {
      waiting.get(call)?.(performance.now())
      waiting.delete(call)
    },
  }
}
