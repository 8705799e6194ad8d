// The builder's end of compile-decorated.ts: a process that is started with the first file, takes one at a time, and is ended
// with the build. A file that ends it is told of like any other that cannot be compiled.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Task } from './compile-decorated.ts'

const Compiled = z.union([z.object({ code: z.string(), map: z.string() }), z.object({ error: z.string() })])
export type Compiled = z.infer<typeof Compiled>

export interface DecoratorCompiler {
  compile(task: Task): Promise<Compiled>
  stop(): void
}

export interface CompilerOptions {
  node: string
  leash: readonly string[]
  env: Record<string, string>
}

const program = fileURLToPath(new URL('./compile-decorated.ts', import.meta.url))

export function createDecoratorCompiler({ node, leash, env }: CompilerOptions): DecoratorCompiler {
  let running: ChildProcess | null = null
  let last: Promise<unknown> = Promise.resolve()

  function start(): ChildProcess {
    const [file = node, ...args] = [...leash, node, '--disable-warning=ExperimentalWarning', program]
    const started = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    started.once('exit', () => {
      running = null
    })
    running = started
    return started
  }

  async function compileNow(task: Task): Promise<Compiled> {
    const child = running ?? start()
    const answer = answerOf(child)
    child.send(task, () => undefined) // what cannot be sent has no answer either: it has ended
    return (
      (await answer) ?? {
        error: 'The compiler of decorators ended while it read this file: it is nested too deeply.',
      }
    )
  }

  return {
    compile(task) {
      const compiled = last.then(() => compileNow(task))
      last = compiled.catch(() => undefined)
      return compiled
    },
    stop: () => void running?.kill('SIGKILL'),
  }
}

/** Null: the process has ended. */
async function answerOf(process: ChildProcess): Promise<Compiled | null> {
  const settled = new AbortController()
  const { signal } = settled
  try {
    return await Promise.race([
      once(process, 'message', { signal }).then(([message]) => Compiled.parse(message)),
      once(process, 'close', { signal }).then(() => null),
    ])
  } finally {
    settled.abort()
  }
}
