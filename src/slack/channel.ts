// Which channel hears of an environment: its own, else the repository's, else the operator's. Pure.
import type { RepositoryFile } from '../environments/repository-file.ts'

export function channelOf(file: RepositoryFile, environment: string, fallback: string | null): string | null {
  return file.environments?.[environment]?.slack ?? file.notifications.slack ?? fallback
}
