// Everything this GitHub knows apart from git objects and webhook deliveries: plain data, stored as one JSON file.
// References are ids (or logins), so a rename or a transfer changes one field.

export type AccountType = 'User' | 'Organization' | 'Bot'
export type Role = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin'
export type Permissions = Record<string, string>

export type Team = {
  slug: string
  /** Slug of the team it is a child of; who is in a child is in its parents too. */
  parent: string | null
  /** By login; `pending`: invited, and has not said yes. */
  members: Record<string, 'member' | 'maintainer' | 'pending'>
}

export type Account = {
  id: number
  login: string
  type: AccountType
  name: string
  email: string
  members: Record<string, 'admin' | 'member'>
  /** Of an organisation; files of earlier runs have none. */
  teams?: Team[]
  createdAt: string
}

export type Token =
  | { kind: 'user'; login: string; app: number | null }
  | {
      kind: 'installation'
      installation: number
      permissions: Permissions
      repositories: number[] | null
      expiresAt: number
    }

export type App = {
  id: number
  slug: string
  name: string
  owner: string
  description: string | null
  externalUrl: string
  privateKey: string
  webhookSecret: string
  webhookUrl: string | null
  permissions: Permissions
  events: string[]
  clientId: string
  clientSecret: string
  callbackUrls: string[]
  setupUrl: string | null
  createdAt: string
}

export type Installation = {
  id: number
  app: number
  account: string
  /** null: all repositories of the account. */
  repositories: number[] | null
  suspendedAt: string | null
  suspendedBy: string | null
  createdAt: string
  updatedAt: string
}

export type Reaction = { id: number; login: string; content: string; createdAt: string }

export type Comment = {
  id: number
  issue: number
  body: string
  login: string
  app: number | null
  createdAt: string
  updatedAt: string
  reactions: Reaction[]
}

export type CommitComment = Omit<Comment, 'issue'> & {
  sha: string
  path: string | null
  line: number | null
  position: number | null
}

export type Label = { id: number; name: string; color: string; description: string | null }

export type Pull = {
  draft: boolean
  head: { repository: number; owner: string; ref: string; sha: string }
  base: { ref: string; sha: string }
  merged: boolean
  mergedAt: string | null
  mergedBy: string | null
  mergeCommitSha: string | null
}

/** What the conversation shows between comments: "alice pushed 1a2b3c4". */
export type Activity = { id: number; at: string; login: string; text: string }

export type Issue = {
  id: number
  number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  login: string
  labels: Label[]
  createdAt: string
  updatedAt: string
  closedAt: string | null
  reactions: Reaction[]
  activity: Activity[]
  pull: Pull | null
}

export type PullIssue = Issue & { pull: Pull }

export type CheckStatus = 'queued' | 'in_progress' | 'completed'
export type Annotation = {
  path: string
  start_line: number
  end_line: number
  annotation_level: string
  message: string
  title: string | null
  raw_details: string | null
  start_column: number | null
  end_column: number | null
}
export type CheckAction = { label: string; description: string; identifier: string }

export type CheckRun = {
  id: number
  suite: number
  app: number
  name: string
  headSha: string
  status: CheckStatus
  conclusion: string | null
  externalId: string
  detailsUrl: string
  startedAt: string
  completedAt: string | null
  title: string | null
  summary: string | null
  text: string | null
  annotations: Annotation[]
  actions: CheckAction[]
}

export type CheckSuite = {
  id: number
  app: number
  headSha: string
  headBranch: string | null
  before: string | null
  after: string | null
  /** Runs up to this id count no more: the suite was asked to run again. */
  resetAt: number
  createdAt: string
  updatedAt: string
}

export type CommitStatus = {
  id: number
  sha: string
  state: string
  context: string
  description: string | null
  targetUrl: string | null
  login: string
  createdAt: string
}

export type DeploymentStatus = {
  id: number
  state: string
  login: string
  description: string
  environment: string
  logUrl: string
  environmentUrl: string
  createdAt: string
}

export type Deployment = {
  id: number
  sha: string
  ref: string
  task: string
  payload: unknown
  environment: string
  originalEnvironment: string
  description: string | null
  login: string
  app: number | null
  transient: boolean
  production: boolean
  statuses: DeploymentStatus[]
  createdAt: string
  updatedAt: string
}

export type Environment = { id: number; name: string; createdAt: string }

export type QueueEntry = {
  number: number
  login: string
  branch: string
  headSha: string
  baseSha: string
  base: string
  /** Check names that must pass on the group: those the pull request had. None: a person decides. */
  required: string[]
}

export type Repository = {
  id: number
  owner: string
  name: string
  private: boolean
  description: string | null
  defaultBranch: string
  collaborators: Record<string, Role>
  /** By login: what the organisation calls the role, where it made one of its own upon the collaborator's. */
  customRoles?: Record<string, string>
  forkOf: number | null
  createdAt: string
  updatedAt: string
  pushedAt: string
  issues: Issue[]
  comments: Comment[]
  commitComments: CommitComment[]
  checkSuites: CheckSuite[]
  checkRuns: CheckRun[]
  statuses: CommitStatus[]
  deployments: Deployment[]
  environments: Environment[]
  mergeQueue: QueueEntry[]
}

export type Code =
  | { kind: 'manifest'; app: number; expiresAt: number }
  | {
      kind: 'oauth'
      app: number
      login: string
      redirectUri: string | null
      challenge: string | null
      expiresAt: number
    }
  | { kind: 'archive'; repository: number; sha: string; format: 'tar.gz' | 'zip'; expiresAt: number }

export type State = {
  sequence: number
  accounts: Account[]
  tokens: Record<string, Token>
  codes: Record<string, Code>
  apps: App[]
  installations: Installation[]
  repositories: Repository[]
  /** Full names repositories had before a rename or transfer. */
  formerNames: Record<string, number>
}

export function emptyState(): State {
  return {
    sequence: 1000,
    accounts: [],
    tokens: {},
    codes: {},
    apps: [],
    installations: [],
    repositories: [],
    formerNames: {},
  }
}
