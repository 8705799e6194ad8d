// Starts caller.ts and speaks with it: requests go in as lines, answers come back in order.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'

export interface Application {
  request<T>(request: string, argument?: unknown): Promise<T>
  stop(): void
}

export function startApplication(endpoint: string, token: string): Application {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'caller.ts')], {
    env: { ...process.env, DEFER_ENDPOINT: endpoint, DEFER_TOKEN: token },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: PromiseWithResolvers<unknown>[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    if (!line.startsWith('@@')) return
    const answer = JSON.parse(line.slice(2)) as { value?: unknown; error?: string }
    const next = waiting.shift()
    if (answer.error !== undefined) next?.reject(new Error(answer.error))
    else next?.resolve(answer.value)
  })
  child.on('exit', code => {
    for (const one of waiting.splice(0)) one.reject(new Error(`the application ended with ${code}`))
  })
  return {
    request<T>(request: string, argument?: unknown) {
      const answer = Promise.withResolvers<unknown>()
      waiting.push(answer)
      child.stdin.write(`${JSON.stringify({ request, argument })}\n`)
      return answer.promise as Promise<T>
    },
    stop: () => void child.kill(),
  }
}
