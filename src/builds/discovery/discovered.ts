// What loading the bundles showed, judged: every file must hold one background function with a name of its own and options
// that can be kept. Pure. All mistakes are reported at once, each at its file.
import { z } from 'zod'
import { readCron, storedCron } from '../../functions/cron-settings.ts'
import { FunctionOptions } from '../../functions/manifest.ts'
import { metadataOf } from '../bundling/plain-config.ts'
import { type Annotation, annotate, type Failed, type Failure, failed, maxAnnotations } from '../failure.ts'
import type { FailureCode } from '../failure-codes.ts'
import type { Style } from './functions-folder.ts'

/** The child's answer: a stranger's input. */
export const Answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('missing') }),
  z.object({ kind: z.literal('other'), type: z.string().max(100) }),
  z.object({ kind: z.literal('function'), name: z.string().max(500), metadata: z.unknown().optional() }),
  z.object({ kind: z.literal('threw'), message: z.string(), stack: z.string() }),
])
export type Answer = z.infer<typeof Answer>

export type Loaded =
  | Answer
  | { kind: 'hung'; seconds: number }
  | { kind: 'out_of_memory' }
  | { kind: 'over'; failure: Failure }
  | { kind: 'exited'; how: string; lastLines: string }

/** Not loaded, because an earlier build did load the same code. */
export interface Known {
  kind: 'known'
  found: Pick<Discovered, 'name' | 'options'>
}

export interface LoadedFile {
  file: string
  style: Style
  /** Of the default export, where it could be found. */
  line: number
  loaded: Loaded | Known
  /** Where it threw: in this file or another one of the repository. */
  thrownAt: { file: string; line: number } | null
}

export interface Discovered {
  name: string
  file: string
  options: FunctionOptions
}

interface Mistake {
  code: FailureCode
  message: string
  annotations: Annotation[]
}

export function judge(files: LoadedFile[]): { functions: Discovered[] } | Failed {
  const judged = files.map(judgeFile)
  const functions = judged.filter(one => 'options' in one)
  const mistakes = [...judged.filter(one => 'code' in one), ...duplicates(functions, files)]
  const [first] = mistakes
  if (first === undefined) return { functions }
  const messages = mistakes.map(mistake => mistake.message).join('\n')
  return failed(
    first.code,
    messages,
    mistakes.flatMap(mistake => mistake.annotations).slice(0, maxAnnotations),
  )
}

// It is typed in commands and stands in messages.
const usableName = /^[^\s\p{C}]{1,200}$/u

/** How a function is written, in advice to people. */
const examples: Record<Style, { any: string; named: string }> = {
  defer: {
    any: 'export default defer(yourFunction)',
    named: 'export default defer(async function sendReport() { … })',
  },
  plain: {
    any: 'export default async function yourFunction() { … }',
    named: 'export default async function sendReport() { … }',
  },
}

function judgeFile({ file, style, line, loaded, thrownAt }: LoadedFile): Discovered | Mistake {
  const mistake = (code: FailureCode, message: string, at = { file, line }): Mistake => ({
    code,
    message,
    annotations: [annotate(at.file, at.line, message)],
  })
  switch (loaded.kind) {
    case 'known':
      return { ...loaded.found, file }
    case 'missing':
      return mistake('default_export_missing', `${file} has no default export. Add: ${examples[style].any}`)
    case 'other':
      return mistake(
        'not_a_background_function',
        `The default export of ${file} is not a background function (it is of type ${loaded.type}). Make it one: ${examples[style].any}`,
      )
    case 'threw': {
      const where = thrownAt && thrownAt.file !== file ? ` at ${thrownAt.file}:${thrownAt.line}` : ''
      const message = `${file} threw while it was loaded${where}: ${loaded.message.slice(0, 2_000)}. Variables and secrets of the environment are not there during a build: read them inside the function.`
      return mistake('load_threw', message, thrownAt ?? { file, line })
    }
    case 'hung':
      return mistake(
        'load_hung',
        `${file} did not finish loading within ${loaded.seconds} seconds. Move what waits or computes at its top level into the function.`,
      )
    case 'out_of_memory':
      return mistake(
        'load_out_of_memory',
        `${file} ran out of memory while it was loaded. Move what it computes at its top level into the function.`,
      )
    case 'over':
      return mistake(loaded.failure.code, loaded.failure.message)
    case 'exited':
      return mistake(
        'load_exited',
        `${file} ended its process while it was loaded (${loaded.how})${loaded.lastLines ? `:\n${loaded.lastLines}` : '. Nothing at its top level may call process.exit().'}`,
      )
    case 'function': {
      if (loaded.name === '')
        return mistake(
          'function_anonymous',
          `The function in ${file} has no name, and its name is what it is called by. Name it: ${examples[style].named}`,
        )
      if (!usableName.test(loaded.name))
        return mistake(
          'function_name_invalid',
          `The function in ${file} is named ${JSON.stringify(loaded.name)}: a name has no spaces or invisible characters and at most 200 characters. Rename it.`,
        )
      const options = readOptions(loaded.metadata)
      return typeof options === 'string'
        ? mistake('options_invalid', `The options of ${loaded.name} in ${file} cannot be used: ${options}`)
        : { name: loaded.name, file, options }
    }
  }
}

function duplicates(functions: Discovered[], files: LoadedFile[]): Mistake[] {
  const lines = new Map(files.map(({ file, line }) => [file, line]))
  const byName = Map.groupBy(functions, one => one.name)
  return [...byName].flatMap(([name, same]): Mistake[] => {
    if (same.length < 2) return []
    const message = `${same.map(one => one.file).join(' and ')} define functions of the same name, "${name}". Rename all but one.`
    return [
      {
        code: 'function_duplicate',
        message,
        annotations: same.map(one => annotate(one.file, lines.get(one.file) ?? 1, message)),
      },
    ]
  })
}

// Both clients write all of retry; version 1 leaves out the name. What is not set is absent or null.
const noRetry = {
  maxAttempts: 0,
  initialInterval: 30,
  randomizationFactor: 0.5,
  multiplier: 1.5,
  maxInterval: 600,
}
const Plain = z.object({ config: z.unknown() })
const Metadata = z.object({
  cron: z.unknown().optional(),
  retry: z.unknown().optional(),
  concurrency: z.unknown().optional(),
  maxDuration: z.unknown().optional(),
  maxConcurrencyAction: z.unknown().optional(),
  grace: z.unknown().optional(),
})

/** The options, or what is wrong with them: as defer() leaves them, or the `config` of a plain function. */
export function readOptions(metadata: unknown): FunctionOptions | string {
  const plain = Plain.safeParse(metadata)
  const said = plain.success ? metadataOf(plain.data.config, noRetry) : metadata
  if (plain.success && typeof said === 'string') return said
  const given = Metadata.safeParse(said)
  if (!given.success) return problemsOf(given.error)
  const { retry, concurrency, maxDuration, maxConcurrencyAction, grace } = given.data
  // Defer stored every tick, whatever ran: so it stays for functions that were written for it.
  const cron = given.data.cron == null ? null : readCron(given.data.cron, plain.success ? 'skip' : 'allow')
  if (cron !== null && 'problem' in cron) return cron.problem
  const options = FunctionOptions.safeParse({
    cron: cron && storedCron(cron),
    retry: retry ?? noRetry,
    concurrency: concurrency ?? null,
    maxDuration: maxDuration ?? null,
    maxConcurrencyAction: maxConcurrencyAction ?? 'keep',
    ...(grace == null ? {} : { grace }),
  })
  if (!options.success) return problemsOf(options.error)
  return cron?.overlap === 'queue' ? oneAtATime(options.data) : options.data
}

/** One tick after another, over all machines: that is what a concurrency of 1 does. */
function oneAtATime(options: FunctionOptions): FunctionOptions | string {
  if (options.concurrency !== null && options.concurrency !== 1)
    return 'cron.overlap: "queue" runs one at a time: leave concurrency out, or set it to 1'
  if (options.maxConcurrencyAction === 'cancel')
    return 'cron.overlap: "queue" keeps what waits: leave maxConcurrencyAction out, or write overlap: "skip"'
  return { ...options, concurrency: 1 }
}

function problemsOf(error: z.ZodError): string {
  return error.issues.map(issue => `${issue.path.join('.') || 'metadata'}: ${issue.message}`).join('; ')
}

/** The line of `export default` or `module.exports`, to point at; 1 where there is none. */
export function lineOfExport(text: string): number {
  const at = text.search(/^\s*(export\s+default|module\.exports|exports\.default)\b/m)
  if (at === -1) return 1
  // The match may begin with the blank lines before it.
  return text.slice(0, at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)).split('\n').length
}

/** The innermost frame in a file of the repository; `folder` is where the bundles lay, which their maps' paths are relative to. */
export function firstFrame(stack: string, folder: string): { file: string; line: number } | null {
  for (const frame of stack.split('\n')) {
    const at = frame.indexOf(`${folder}/`)
    if (at === -1) continue
    const [, file, line] = /^(.*?):(\d+)(?::\d+)?\)?$/.exec(frame.slice(at + folder.length + 1)) ?? []
    if (
      file &&
      line &&
      !file.split('/').includes('node_modules') &&
      !file.includes(':') && // a module that we made up
      !/^(bundle|chunk)-\w+\.mjs(\.map)?$/.test(file)
    )
      return { file, line: Number(line) }
  }
  return null
}
