// Loads bundles in processes that have neither our settings nor the environment's secrets, a time limit and a memory limit,
// and are gone afterwards. Those of a build go into a process or two first, which load what they share once; where that shows
// anything but a function, or such a process does not come to its end, the files concerned are loaded again, each in a process
// of its own: so every mistake is its file's. (None of these becomes a warm child: they lack the secrets of the run.)
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { transform } from 'esbuild'
import { z } from 'zod'
import type { Bundle } from '../bundling/outputs.ts'
import { limitFailure } from '../processes/over-limit.ts'
import { runCommand, type Step } from '../processes/run-command.ts'
import type { Ended } from '../processes/run-process.ts'
import { someAtOnce } from '../some-at-once.ts'
import type { Tools } from '../tools.ts'
import { Answer, type Loaded } from './discovered.ts'
import { layOut } from './lay-out.ts'

const inParallel = 2
// A second process loads once more what several share.
const fewest = 3
const heapMb = 512
const shownLines = 10

/** One answer a bundle. */
export async function loadFunctions(bundles: Bundle[], tools: Tools): Promise<Loaded[]> {
  if (bundles.length === 0) return []
  const [program] = await Promise.all([writeProgram(tools), layOut(bundles, tools.workspace.bundles)])
  const parts = inParts(bundles)
  const together = await Promise.all(parts.map(part => loadTogether(part, program, tools)))
  const loaded = new Map(parts.flatMap((part, at) => part.map((one, index) => [one, together[at]?.[index]])))
  return someAtOnce(
    bundles,
    inParallel,
    async bundle => loaded.get(bundle) ?? (await loadAlone(bundle, program, tools)),
  )
}

/** None for a single one: it is loaded alone. */
function inParts(bundles: Bundle[]): Bundle[][] {
  if (bundles.length < 2) return []
  const parts = Math.max(1, Math.min(inParallel, Math.floor(bundles.length / fewest)))
  return Array.from({ length: parts }, (_, part) => bundles.filter((_, index) => index % parts === part))
}

/** As plain JavaScript: taking out types at its start would take the process longer than the rest of it. */
async function writeProgram({ workspace }: Tools): Promise<string> {
  const file = path.join(workspace.root, 'load-bundle.mjs')
  await writeFile(file, await programText())
  return file
}

let text: Promise<string> | null = null
function programText(): Promise<string> {
  text ??= readFile(new URL('./load-bundle.ts', import.meta.url), 'utf8')
    .then(source => transform(source, { loader: 'ts', target: 'node24' }))
    .then(({ code }) => code)
  return text
}

const Answers = z.array(z.unknown())

/** Null for each that is to be looked at alone. */
async function loadTogether(bundles: Bundle[], program: string, tools: Tools): Promise<(Loaded | null)[]> {
  const seen: { answers: unknown[]; printed: boolean } = { answers: [], printed: false }
  await runCommand(
    {
      ...commandFor(bundles, program, [], tools),
      onLine() {
        seen.printed = true // past the process's own streams: nobody knows by which file
      },
      onMessage(message) {
        seen.answers = Answers.safeParse(message).data ?? []
      },
    },
    tools,
  )
  return bundles.map((_, index) => {
    const answer = seen.printed ? null : (Answer.safeParse(seen.answers[index]).data ?? null)
    return answer?.kind === 'function' ? answer : null
  })
}

async function loadAlone(bundle: Bundle, program: string, tools: Tools): Promise<Loaded> {
  const output: string[] = []
  const answer: { loaded: Loaded | null } = { loaded: null }
  const ended = await runCommand(
    {
      ...commandFor([bundle], program, ['--enable-source-maps'], tools),
      onLine(line) {
        tools.say(`${bundle.file}: ${line}`)
        output.push(line)
        if (output.length > shownLines) output.shift()
      },
      onMessage(message) {
        const [said] = Answers.safeParse(message).data ?? []
        answer.loaded = Answer.safeParse(said).data ?? {
          kind: 'exited',
          how: 'its answer was not understood',
          lastLines: '',
        }
      },
    },
    tools,
  )
  return answer.loaded ?? howItEnded(bundle, ended, output.join('\n').trim(), tools)
}

function commandFor(bundles: Bundle[], program: string, flags: string[], tools: Tools) {
  const folder = tools.workspace.bundles
  return {
    file: tools.machine.node,
    args: [
      `--max-old-space-size=${heapMb}`,
      ...flags,
      '--disable-warning=ExperimentalWarning',
      program,
      ...bundles.map(bundle => path.join(folder, bundle.entry)),
    ],
    cwd: folder,
    reads: [folder, program],
    // With a token the client of Defer neither starts its local scheduler nor prints its banner. The endpoint is nowhere.
    env: {
      NODE_ENV: 'production',
      DEFER_TOKEN: 'discovery',
      DEFER_ENDPOINT: 'http://127.0.0.1:9',
    },
    timeoutMs: tools.limits.loadMs,
  } satisfies Partial<Step>
}

function howItEnded(bundle: Bundle, ended: Ended, output: string, { limits }: Tools): Loaded {
  if (ended.kind === 'timed_out') return { kind: 'hung', seconds: limits.loadMs / 1_000 }
  if (output.includes('heap out of memory')) return { kind: 'out_of_memory' }
  const over = limitFailure(bundle.file, ended, output, limits)
  if (over) return { kind: 'over', failure: over.failure }
  // Node's code for a module that waits for what can no longer happen.
  if (ended.kind === 'exited' && ended.code === 13)
    return { kind: 'exited', how: 'its top level waits for something that never happens', lastLines: '' }
  const how = ended.kind === 'exited' ? `code ${ended.code}` : 'killed'
  return { kind: 'exited', how, lastLines: output }
}
