// PostgreSQL's five-character code of an error, whoever wrapped it.
import { withoutQuery } from '../errors.ts'

export function sqlStateOf(error: unknown): string | null {
  const reason = withoutQuery(error)
  return reason instanceof Error && 'code' in reason ? String(reason.code) : null
}
