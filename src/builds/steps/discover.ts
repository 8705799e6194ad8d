// Step 6: loads each bundle in a process of its own and reads what it exports. The process has neither our settings nor
// the environment's secrets, a time limit and a memory limit, and is gone afterwards.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bundle } from '../bundling/outputs.ts'
import {
  Answer,
  type Discovered,
  firstFrame,
  judge,
  type Loaded,
  type LoadedFile,
  lineOfExport,
} from '../discovered.ts'
import type { Failed } from '../failure.ts'
import { limitFailure } from '../over-limit.ts'
import { readText } from '../project-files.ts'
import { runCommand } from '../run-command.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'

const inParallel = 2
const heapMb = 512
const shownLines = 10
const child = fileURLToPath(new URL('./load-bundle.ts', import.meta.url))
// With the file that says of what type it is.
const loader = [child, fileURLToPath(new URL('../../../package.json', import.meta.url))]

export async function discoverFunctions(
  order: Order & { source: string; project: Project; bundles: Bundle[] },
  tools: Tools,
): Promise<{ functions: Discovered[] } | Failed> {
  const waiting = [...order.bundles.entries()]
  const files: LoadedFile[] = []
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, bundle] = next
      files[index] = await discover(bundle, order, tools)
    }
  }
  await Promise.all(Array.from({ length: inParallel }, work))
  const judged = judge(files)
  if ('functions' in judged) tools.say(`Functions: ${judged.functions.map(one => one.name).join(', ')}`)
  return judged
}

async function discover(
  bundle: Bundle,
  { source, project }: { source: string; project: Project },
  tools: Tools,
): Promise<LoadedFile> {
  const loaded = await load(bundle, tools)
  const thrownAt = loaded.kind === 'threw' ? firstFrame(loaded.stack, tools.workspace.bundles) : null
  return {
    file: bundle.file,
    style: project.functions.style,
    line: lineOfExport((await readText(source, bundle.file)) ?? ''),
    loaded,
    thrownAt,
  }
}

async function load(bundle: Bundle, tools: Tools): Promise<Loaded> {
  const output: string[] = []
  const answer: { loaded: Loaded | null } = { loaded: null }
  const step = {
    file: tools.machine.node,
    args: [
      `--max-old-space-size=${heapMb}`,
      '--enable-source-maps',
      '--disable-warning=ExperimentalWarning',
      child,
      path.join(tools.workspace.bundles, bundle.entry),
    ],
    cwd: tools.workspace.bundles,
    // With a token the client of Defer neither starts its local scheduler nor prints its banner. The endpoint is nowhere.
    reads: [tools.workspace.bundles, ...loader],
    env: {
      NODE_ENV: 'production',
      DEFER_TOKEN: 'discovery',
      DEFER_ENDPOINT: 'http://127.0.0.1:9',
    },
    timeoutMs: tools.limits.loadMs,
    onLine(line: string) {
      tools.say(`${bundle.file}: ${line}`)
      output.push(line)
      if (output.length > shownLines) output.shift()
    },
    onMessage(message: unknown) {
      const parsed = Answer.safeParse(message)
      answer.loaded = parsed.success
        ? parsed.data
        : { kind: 'exited', how: 'its answer was not understood', lastLines: '' }
    },
  }
  const ended = await runCommand(step, tools)
  if (answer.loaded) return answer.loaded
  if (ended.kind === 'timed_out') return { kind: 'hung', seconds: tools.limits.loadMs / 1_000 }
  const text = output.join('\n').trim()
  if (text.includes('heap out of memory')) return { kind: 'out_of_memory' }
  const over = limitFailure(bundle.file, ended, text, tools.limits)
  if (over) return { kind: 'over', failure: over.failure }
  // Node's code for a module that waits for what can no longer happen.
  if (ended.kind === 'exited' && ended.code === 13)
    return { kind: 'exited', how: 'its top level waits for something that never happens', lastLines: '' }
  const how = ended.kind === 'exited' ? `code ${ended.code}` : 'killed'
  return { kind: 'exited', how, lastLines: text }
}
