// Runs git without a shell and without the machine's configuration, so that nothing outside the sandbox's folder
// changes what it does. Callers put `--end-of-options` or `--` before anything a user chose.
import { execFile } from 'node:child_process'

export const zeroSha = '0'.repeat(40)

/** The tree without files, which git knows without storing it: the parent of a first commit. */
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const settings: [string, string][] = [
  ['safe.directory', '*'],
  ['gc.auto', '0'],
  ['receive.autogc', 'false'],
  ['core.fsync', 'none'],
  ['init.defaultBranch', 'main'],
]

/** The whole environment of a git process; `more` adds `-c` style settings. */
export function gitEnvironment(more: [string, string][] = []): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  }
  const all = [...settings, ...more]
  all.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key
    environment[`GIT_CONFIG_VALUE_${index}`] = value
  })
  environment.GIT_CONFIG_COUNT = String(all.length)
  return environment
}

export type GitResult = { code: number; stdout: Buffer; stderr: string }
export type GitOptions = { input?: string | Buffer; environment?: Record<string, string> }

/** Never rejects for git's own refusal: the exit code is part of the answer. */
export function runGit(directory: string, args: string[], options: GitOptions = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      args,
      {
        cwd: directory,
        env: { ...gitEnvironment(), ...options.environment },
        encoding: 'buffer',
        maxBuffer: 512 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error ? error.code : 0
        if (typeof code === 'number') resolve({ code, stdout, stderr: stderr.toString() })
        else reject(error ?? new Error(`git ${args[0]} was killed`))
      },
    )
    // git may end before it has read its input; its exit code tells.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
  })
}

export async function git(directory: string, args: string[], options: GitOptions = {}): Promise<string> {
  const result = await runGit(directory, args, options)
  if (result.code !== 0) throw new Error(`git ${args.join(' ').slice(0, 200)}: ${result.stderr.trim()}`)
  return result.stdout.toString().trimEnd()
}

export async function gitOrNull(directory: string, args: string[]): Promise<string | null> {
  const result = await runGit(directory, args)
  return result.code === 0 ? result.stdout.toString().trimEnd() : null
}
