// For tests and demos: a person's working copy. Runs the real git against the sandbox, as that person.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cloneUrl } from '../github/clone-url.ts'
import { gitEnvironment, git as runGit } from '../github/git/run.ts'

export type Person = { login: string; token: string }

export type Checkout = {
  dir: string
  git(...args: string[]): Promise<string>
  write(files: Record<string, string>): void
  /** Writes the files and commits everything; returns the commit. */
  commit(message: string, files?: Record<string, string>): Promise<string>
  push(...args: string[]): Promise<void>
}

export async function clone(url: string, full: string, person: Person, dir: string): Promise<Checkout> {
  mkdirSync(dir, { recursive: true })
  const identity = {
    GIT_AUTHOR_NAME: person.login,
    GIT_AUTHOR_EMAIL: `${person.login}@sandbox.test`,
    GIT_COMMITTER_NAME: person.login,
    GIT_COMMITTER_EMAIL: `${person.login}@sandbox.test`,
  }
  const environment = { ...gitEnvironment(), ...identity }
  const git = (...args: string[]) => runGit(dir, args, { environment })
  await git('clone', '--quiet', '--', cloneUrl(url, full, person), '.')
  const write = (files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), text)
    }
  }
  return {
    dir,
    git,
    write,
    async commit(message, files = {}) {
      write(files)
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    async push(...args) {
      await git('push', '--quiet', ...args)
    },
  }
}
