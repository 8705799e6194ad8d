// The child process of discovery: loads bundles, one after the other, and sends what the default export of each is. It is
// killed once it has answered, so whatever the modules opened does not matter. Their own code cannot answer in its place: the
// channel is taken away before they are loaded.
import { pathToFileURL } from 'node:url'

const send = process.send?.bind(process)
delete process.send
const files = process.argv.splice(2)
// What a module leaves to the end of its turn (a warning, say) is its own too, and is heard before the answer is sent.
const nextTurn = setImmediate
const turnEnded = () => new Promise<void>(resolve => nextTurn(resolve))

// Of several, what one prints could be taken for another's: it is only noticed here, and said when that file is loaded alone.
const noticed = { output: false }
if (files.length > 1) {
  const swallow = (_chunk: unknown, ...more: unknown[]) => {
    noticed.output = true
    const done = more.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }
  process.stdout.write = swallow
  process.stderr.write = swallow
  process.removeAllListeners('warning')
  process.on('warning', () => {
    noticed.output = true
  })
}

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

async function load(file: string) {
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href)
    return describe(module.default)
  } catch (error) {
    return describeError(error)
  }
}

const answers: unknown[] = []
for (const file of files) {
  noticed.output = false
  const answer = await load(file)
  await turnEnded()
  answers.push(noticed.output ? { kind: 'printed' } : answer)
}
send?.(answers)
