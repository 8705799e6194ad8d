// The tree of a commit over GitHub's API, in one call. GitHub leaves entries out of a very large one and says so: then there
// is no answer, because what is missing could be what changed.
import { z } from 'zod'
import type { RepositoryRef, TreeEntry } from '../../builds/ports.ts'
import { orNull } from '../client/api-error.ts'
import type { Octokit } from '../client/client.ts'

const Entry = z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: z.string() })
const Answer = z.object({ truncated: z.boolean(), tree: z.array(Entry) })

export async function readTree(
  api: { request: Octokit['request'] },
  { owner, name }: RepositoryRef,
  sha: string,
): Promise<TreeEntry[] | null> {
  const found = await orNull(`Reading the tree of ${owner}/${name} at ${sha}`, () =>
    api.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
      ...{ owner, repo: name, tree_sha: sha },
      recursive: '1',
    }),
  )
  const answer = found ? Answer.safeParse(found.data) : null
  if (!answer?.success || answer.data.truncated) return null
  return answer.data.tree
    .filter(({ type }) => type !== 'tree')
    .map(({ path, mode, sha: entry }) => ({ path, mode, sha: entry }))
}
