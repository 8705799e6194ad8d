// Importing a file of variables, as both commands do it that can: what is read of it, and what is told of each.
import { readFile } from 'node:fs/promises'
import { type DotenvLine, parseDotenv } from '../environments/dotenv.ts'
import type { ImportedOne } from '../environments/import-variables.ts'
import { AppError } from '../errors.ts'
import { exitCodes } from './exit-codes.ts'

export interface Report {
  text: string
  /** It tells that something was refused. */
  exitCode: number
}

export async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new AppError('malformed', `--file ${file}: it cannot be read.`)
  }
}

/** @throws AppError `malformed`, with every line that was not understood. */
export function readLines(what: string, text: string): DotenvLine[] {
  const { lines, problems } = parseDotenv(text)
  if (problems.length > 0)
    throw new AppError(
      'malformed',
      `${what} was not understood, and nothing is set:\n  ${problems.join('\n  ')}`,
    )
  if (lines.length === 0) throw new AppError('malformed', `${what} holds no NAME=value line.`)
  return lines
}

export function importReport(done: { dry_run: boolean; results: readonly ImportedOne[] }): Report {
  const lines = done.results.map(
    ({ name, outcome, reason }) => `${outcome.padEnd(9)}  ${reason === null ? name : `${reason}.`}\n`,
  )
  const isRefused = done.results.some(({ outcome }) => outcome === 'refused')
  return {
    text: `${lines.join('')}${done.dry_run ? 'Nothing was changed (--dry-run).\n' : ''}`,
    exitCode: isRefused ? exitCodes.refused.code : exitCodes.done.code,
  }
}
