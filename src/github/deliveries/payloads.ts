// The few fields we read of webhook payloads. Pure. GitHub signed them, but what is in them was typed by strangers: a
// payload that does not look like this is refused whole, and nothing of it is used.
import { z } from 'zod'
import { AppError } from '../../errors.ts'

const id = z.int().positive()
const account = z.object({ login: z.string(), id })
const installation = z.object({ id })
export const Repository = z.object({
  id,
  name: z.string(),
  owner: account,
  default_branch: z.string(),
  private: z.boolean(),
})
export type PayloadRepository = z.infer<typeof Repository>

const about = { installation, repository: Repository, sender: z.object({ login: z.string() }) }

export const Push = z.object({ ...about, ref: z.string(), deleted: z.boolean() })
export const PullRequest = z.object({ ...about, number: id })
const comment = z.object({
  id,
  body: z.string(),
  created_at: z.iso.datetime({ offset: true }),
  user: z.object({ login: z.string(), type: z.string() }).nullable(),
  performed_via_github_app: z.object({ id }).nullish(),
})
export const IssueComment = z.object({
  ...about,
  issue: z.object({ number: id, state: z.string(), pull_request: z.unknown().optional() }),
  comment,
})
export const CommitComment = z.object({
  ...about,
  comment: comment.extend({ commit_id: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/) }),
})
export const CheckRun = z.object({
  ...about,
  check_run: z.object({ external_id: z.string().nullable(), head_sha: z.string() }),
  requested_action: z.object({ identifier: z.string() }).nullish(),
})
export const CheckSuite = z.object({ ...about, check_suite: z.object({ head_sha: z.string() }) })
export const MergeGroup = z.object({
  ...about,
  merge_group: z.object({ head_sha: z.string(), head_ref: z.string() }),
})
export const Installation = z.object({
  installation,
  repositories_removed: z.array(z.object({ id })).optional(),
})
export const RepositoryEvent = z.object({ installation, repository: z.object({ id }), action: z.string() })

/** @throws AppError `malformed`, naming the field and never its value. */
export function read<T extends z.ZodType>(shape: T, payload: unknown): z.output<T> {
  const parsed = shape.safeParse(payload)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(issue => issue.path.join('.')).join(', ')
  throw new AppError('malformed', `The payload is not what GitHub documents: ${fields}.`)
}
