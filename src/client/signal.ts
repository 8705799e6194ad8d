// The signal of the call that runs, inside a function (docs/functions.md): that it was cancelled, that its time is over, or that
// its worker or environment stops.

/** Undefined outside of a call, which is what fetch() takes for none. */
export function signal(): AbortSignal | undefined {
  const found: unknown = Reflect.get(globalThis, Symbol.for('sluice.signal'))
  return found instanceof AbortSignal ? found : undefined
}
