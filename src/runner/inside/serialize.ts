// Turns what a function returned into JSON text, or says where it cannot. JSON.stringify would drop functions, make a Map `{}`
// and NaN null, and throw without a place: here each of these fails the execution and names its path. Runs inside the child.

export type Serialized = { json: string | null } | { problem: string }

const maxDepth = 500
export const maxResultBytes = 10 * 1024 * 1024

// As they were before the function could change them.
const { stringify } = JSON
const { byteLength } = Buffer

class Unserializable extends Error {}

/** `undefined` is no result; inside objects and arrays it is left to JSON (dropped, null), as code relies on. */
export function serialize(value: unknown): Serialized {
  if (value === undefined) return { json: null }
  try {
    const json = stringify(copy(value, 'result', []))
    if (byteLength(json) <= maxResultBytes) return { json }
    return {
      problem: `The result is larger than ${maxResultBytes / 1024 / 1024} MB of JSON. Store it, and return where it is.`,
    }
  } catch (error) {
    if (error instanceof Unserializable)
      return { problem: `The result cannot be stored as JSON: ${error.message}.` }
    throw error // a getter or toJSON of the function's own
  }
}

function copy(value: unknown, path: string, above: readonly object[]): unknown {
  switch (typeof value) {
    case 'bigint':
      throw new Unserializable(`${path} is a BigInt; return it as a string`)
    case 'function':
    case 'symbol':
      throw new Unserializable(`${path} is a ${typeof value}`)
    case 'number':
      if (!Number.isFinite(value)) throw new Unserializable(`${path} is ${value}`)
      return value
    case 'object':
      return value === null ? null : copyObject(value, path, above)
    default:
      return value
  }
}

function copyObject(value: object, path: string, above: readonly object[]): unknown {
  if (above.includes(value)) throw new Unserializable(`${path} contains itself (a circular reference)`)
  if (above.length >= maxDepth)
    throw new Unserializable(`${path.slice(0, 100)}… is nested deeper than ${maxDepth}`)
  const inner = [...above, value]
  if ('toJSON' in value && typeof value.toJSON === 'function') return copy(value.toJSON(), path, inner)
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf()
  if (Array.isArray(value)) return Array.from(value, (item, index) => copy(item, `${path}[${index}]`, inner))
  const kind = kindWithoutJson(value)
  if (kind) throw new Unserializable(`${path} is a ${kind}; return its content as a plain object or an array`)
  // No prototype: a key "__proto__" is a key like any other.
  const plain: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) plain[key] = copy(item, pathTo(path, key), inner)
  return plain
}

function kindWithoutJson(value: object): string | null {
  if (value instanceof Error) return value.name || 'Error'
  if (ArrayBuffer.isView(value)) return 'typed array'
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  return ['Map', 'Set', 'WeakMap', 'WeakSet', 'Promise', 'RegExp', 'ArrayBuffer'].includes(kind) ? kind : null
}

const pathTo = (path: string, key: string) =>
  /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${stringify(key).slice(0, 50)}]`
