// Runs a program to its end and gives back what it printed; an error carries both of its streams.
import { spawn } from 'node:child_process'

interface Options {
  cwd: string
  env?: NodeJS.ProcessEnv
  input?: string
}

export function run(program: string, args: string[], { cwd, env, input }: Options): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (errors += chunk))
    child.on('error', reject)
    child.on('close', code => {
      if (code === 0) resolve(output)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}${errors}`))
    })
    child.stdin.end(input ?? '')
  })
}
