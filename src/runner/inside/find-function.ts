// The function in a loaded bundle: its default export is a Defer function (`__fn`) or a plain one; CommonJS hides it one
// `default` deeper. Pure.

export type Callable = (...args: unknown[]) => unknown

export function findFunction(loaded: unknown): Callable {
  for (let value = loaded, depth = 0; depth < 3; depth++) {
    if (isCallable(value)) return '__fn' in value && isCallable(value.__fn) ? value.__fn : value
    value = typeof value === 'object' && value !== null && 'default' in value ? value.default : undefined
  }
  throw new TypeError('The default export of the bundle is not a function.')
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function'
}
