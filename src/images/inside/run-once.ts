// The program of an image: reads the arguments from standard input (a JSON array; nothing is no arguments), calls the function
// once, and writes what it returned to standard output. Whatever else is printed goes to standard error. Ends with 0, or with 1
// when it threw, which is told on standard error as JSON. A SIGTERM aborts the function's signal.
import { Console } from 'node:console'
import { readFileSync, writeSync } from 'node:fs'
import { describeError } from '../../runner/inside/describe-error.ts'
import { findFunction } from '../../runner/inside/find-function.ts'
import { load } from '../../runner/inside/load.ts'
import { serialize } from '../../runner/inside/serialize.ts'
import { mapStacks } from '../../runner/inside/source-maps.ts'

const [, own = '', bundle = ''] = process.argv
const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/'))
const stop = new AbortController()

process.stdout.write = process.stderr.write.bind(process.stderr)
globalThis.console = new Console(process.stderr)
Object.defineProperty(globalThis, Symbol.for('sluice.signal'), { get: () => stop.signal })
process.once('SIGTERM', () =>
  stop.abort(
    new DOMException('The container is being stopped.', { name: 'AbortError', cause: 'shutting_down' }),
  ),
)

function readArguments(): unknown[] {
  const text = readFileSync(0, 'utf8').trim()
  const given: unknown = text === '' ? [] : JSON.parse(text)
  if (Array.isArray(given)) return given
  throw new TypeError('Standard input must hold the arguments as a JSON array.')
}

async function run(): Promise<number> {
  try {
    const called = findFunction(await load(bundle))
    const serialized = serialize(await called(...readArguments()))
    if ('problem' in serialized) throw new TypeError(serialized.problem)
    if (serialized.json !== null) writeAll(`${serialized.json}\n`)
    return 0
  } catch (thrown) {
    process.stderr.write(
      `${JSON.stringify(describeError(thrown, { ours: folderOf(own), bundle: folderOf(bundle) }))}\n`,
    )
    return 1
  }
}

/** A pipe may take less than all. */
function writeAll(text: string): void {
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}

mapStacks()
void run().then(code => process.exit(code))
