// The child process: loads one version's bundle, then runs one call at a time and answers with JSON text. Started by
// child-process.ts with nothing but its own environment. What the function does with the process is its affair: any end
// without an answer is seen by the parent.
import { pathToFileURL } from 'node:url'
import { describeError } from './describe-error.ts'
import { serialize } from './serialize.ts'

const [executable = '', own = '', bundle = ''] = process.argv
// The function must neither find our arguments nor answer in our place by accident.
process.argv = [executable, bundle]
const send = process.send?.bind(process)
Object.defineProperty(process, 'send', { value: undefined })
process.on('disconnect', () => process.exit(0))

const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/'))
const folders = { ours: folderOf(own), bundle: folderOf(bundle) }
const errorText = (thrown: unknown) => JSON.stringify(describeError(thrown, folders))

type Callable = (...args: unknown[]) => unknown

/** The default export is a Defer function (`__fn`) or a plain one; CommonJS hides it one `default` deeper. */
function findFunction(loaded: unknown): Callable {
  for (let value = loaded, depth = 0; depth < 3; depth++) {
    if (isCallable(value)) return '__fn' in value && isCallable(value.__fn) ? value.__fn : value
    value = typeof value === 'object' && value !== null && 'default' in value ? value.default : undefined
  }
  throw new TypeError('The default export of the bundle is not a function.')
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function'
}

async function run(call: Callable, id: string, argumentsText: string): Promise<void> {
  try {
    const serialized = serialize(await call(...JSON.parse(argumentsText)))
    if ('json' in serialized) send?.({ type: 'returned', id, result: serialized.json })
    else {
      const error = { name: 'ResultNotSerializableError', message: serialized.problem }
      send?.({ type: 'threw', id, error: JSON.stringify(error) })
    }
  } catch (thrown) {
    send?.({ type: 'threw', id, error: errorText(thrown) })
  }
}

send?.({ type: 'started' })
try {
  const call = findFunction(await import(pathToFileURL(bundle).href))
  process.on('message', (message: { id: string; arguments: string }) => {
    void run(call, message.id, message.arguments)
  })
  send?.({ type: 'ready' })
} catch (thrown) {
  send?.({ type: 'broken', error: errorText(thrown) }, () => process.exit(1))
}
