// What a run ended with, as data: what people pushed, what stands on GitHub, what Sluice's database says.

export interface Check {
  id: number
  name: string
  externalId: string | null
  status: string
  conclusion: string | null
}

export interface Deployment {
  id: number
  environment: string
  sha: string
  /** Of the build it is about. */
  build: string | null
  /** Of its newest status. */
  state: string | null
}

export interface Build {
  id: string
  environment: string
  sha: string
  state: string
  live: boolean
}

export interface Facts {
  /** By branch: the commit pushed last. */
  heads: ReadonlyMap<string, string>
  /** Environments, and the branch whose head each must run. */
  environments: ReadonlyMap<string, string>
  pulls: readonly { number: number; branch: string }[]
  /** By commit. */
  checks: ReadonlyMap<string, readonly Check[]>
  deployments: readonly Deployment[]
  /** The bodies of our comments, by pull request. */
  comments: ReadonlyMap<number, readonly string[]>
  builds: readonly Build[]
  /** Calls of GitHub's API by Sluice: all, and how many of them were answered badly on purpose. */
  calls: { all: number; spoiled: number; byRoute: ReadonlyMap<string, number> }
  pushes: number
  kills: number
}
