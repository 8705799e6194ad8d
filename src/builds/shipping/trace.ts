// Asks trace-packages.ts, in a process of its own.
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { runCommand } from '../processes/run-command.ts'
import type { Tools } from '../tools.ts'
import { type Root, Trace } from './packages.ts'

const Answer = z.object({ traces: z.array(Trace), readers: z.array(z.string()) })
const heapMb = 1_024
const limitMs = 5 * 60_000
const program = fileURLToPath(new URL('./trace-packages.ts', import.meta.url))
const tracer = createRequire(import.meta.url).resolve('@vercel/nft')
/** What the program is made of: ours, and the folder of what it imports. */
const programs = [
  path.dirname(program),
  fileURLToPath(new URL('../../../package.json', import.meta.url)),
  tracer.slice(0, tracer.lastIndexOf('/node_modules/') + '/node_modules'.length),
]

/** `base`: the folder the dependencies are in. Null: they could not be traced. */
export async function tracePackages(
  base: string,
  asked: { roots: Root[]; files: string[] },
  tools: Tools,
): Promise<z.infer<typeof Answer> | null> {
  if (asked.roots.length + asked.files.length === 0) return { traces: [], readers: [] }
  const task = path.join(tools.workspace.temporary, 'trace.json')
  await writeFile(task, JSON.stringify({ base, ...asked }))
  const answer: { given: z.infer<typeof Answer> | null } = { given: null }
  const step = {
    file: tools.machine.node,
    args: [`--max-old-space-size=${heapMb}`, '--disable-warning=ExperimentalWarning', program, task],
    cwd: tools.workspace.temporary,
    reads: [base, ...programs],
    timeoutMs: limitMs,
    onLine: tools.say,
    onMessage(message: unknown) {
      answer.given = Answer.safeParse(message).data ?? null
    },
  }
  await runCommand(step, tools)
  return answer.given
}
