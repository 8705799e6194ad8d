// The child process of discovery: loads one bundle and sends what its default export is. It is killed once it has answered,
// so whatever the module opened does not matter. The module's own code cannot answer in its place: the channel is taken
// away before it is loaded.
import { pathToFileURL } from 'node:url'

const send = process.send?.bind(process)
delete process.send
const [file = ''] = process.argv.slice(2)

function describe(value: unknown) {
  if (value === undefined || value === null) return { kind: 'missing' }
  const own = typeof value === 'function' || typeof value === 'object' ? value : {}
  const called = '__fn' in own ? own.__fn : undefined
  if (typeof called !== 'function' || !('__metadata' in own)) return { kind: 'other', type: typeof value }
  return { kind: 'function', name: called.name, metadata: own.__metadata }
}

function describeError(error: unknown) {
  if (!(error instanceof Error)) return { kind: 'threw', message: String(error), stack: '' }
  return { kind: 'threw', message: `${error.name}: ${error.message}`, stack: String(error.stack) }
}

try {
  const module: { default?: unknown } = await import(pathToFileURL(file).href)
  send?.(describe(module.default))
} catch (error) {
  send?.(describeError(error))
}
