// Which branch this application was deployed from, as its host says it: so a preview of the application calls the functions of
// the same branch's preview. Pure.

export type Variables = Readonly<Record<string, string | undefined>>

interface Host {
  name: string
  /** Variables that hold the branch, the better one first; of those set. */
  branch: readonly string[]
  /** Where their names alone do not tell the host. */
  only?: string
}

const hosts: readonly Host[] = [
  { name: 'Vercel', branch: ['VERCEL_GIT_COMMIT_REF'] },
  { name: 'Netlify', branch: ['HEAD', 'BRANCH'], only: 'NETLIFY' },
  { name: 'Render', branch: ['RENDER_GIT_BRANCH'] },
  { name: 'Railway', branch: ['RAILWAY_GIT_BRANCH'] },
  { name: 'Cloudflare Pages', branch: ['CF_PAGES_BRANCH'] },
  // Of a pull request GITHUB_REF_NAME is "7/merge", which is no branch.
  { name: 'GitHub Actions', branch: ['GITHUB_HEAD_REF', 'GITHUB_REF_NAME'] },
]

export function branchOf(variables: Variables): string | undefined {
  for (const { branch, only } of hosts) {
    if (only !== undefined && !variables[only]) continue
    const found = branch.map(name => variables[name]).find(value => value)
    if (found) return found
  }
  return undefined
}

/** For a message: where a branch was looked for. */
export const branchVariables: readonly string[] = hosts.flatMap(({ branch }) => branch)
