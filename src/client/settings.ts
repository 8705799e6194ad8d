// Where the server is, who is calling, and which environment is meant: from configure(), or from the variables of the host.
// Read at each call, so that nothing happens when the module is loaded and a test may change them.
import { branchOf, branchVariables, type Variables } from './branch.ts'
import { SluiceError } from './errors.ts'

export interface Configuration {
  /** Address of the Sluice server. Default: SLUICE_URL, then DEFER_ENDPOINT. */
  url?: string | undefined
  /** Default: SLUICE_TOKEN, then DEFER_TOKEN. */
  token?: string | undefined
  /** With a repository's token: the environment by its name. Default: SLUICE_ENVIRONMENT. */
  environment?: string | undefined
  /** With a repository's token: the environment of this branch. Default: what the host says. */
  branch?: string | undefined
  /** Default: the global one. */
  fetch?: typeof fetch | undefined
}

export interface Settings {
  url: string
  token: string
  /** What says which environment is meant; empty with a token that says so itself. */
  place: Record<string, string>
  fetch: typeof fetch
}

const ofRepository = 'slb_'
const ofFunction = 'slr_'

let configured: Configuration = {}

/** For hosts whose variables are no `process.env`, and for tests. What is left out is read from the variables. */
export function configure(configuration: Configuration): void {
  configured = { ...configuration }
}

/** Whether calls can go anywhere. */
export function isConfigured(): boolean {
  const { url, token } = found(variablesOfHost())
  return url !== undefined && token !== undefined
}

export function readSettings(): Settings {
  const variables = variablesOfHost()
  const { url, token } = found(variables)
  if (token === undefined) throw misconfigured('SLUICE_TOKEN is not set. It is a token of the environment.')
  if (url === undefined)
    throw misconfigured('SLUICE_URL is not set. It is the address of your Sluice server.')
  return { url, token, place: placeOf(token, variables), fetch: configured.fetch ?? globalThis.fetch }
}

function found(variables: Variables): { url: string | undefined; token: string | undefined } {
  // Within a function it is always the server that runs it, whatever was copied into its variables.
  const withinFunction = variables.DEFER_TOKEN?.startsWith(ofFunction)
  const [first, second] = withinFunction ? ['DEFER', 'SLUICE'] : ['SLUICE', 'DEFER']
  const urls = { SLUICE: variables.SLUICE_URL, DEFER: variables.DEFER_ENDPOINT }
  const tokens = { SLUICE: variables.SLUICE_TOKEN, DEFER: variables.DEFER_TOKEN }
  const either = (of: Record<string, string | undefined>) => of[`${first}`] || of[`${second}`] || undefined
  return { url: configured.url ?? either(urls), token: configured.token ?? either(tokens) }
}

function placeOf(token: string, variables: Variables): Record<string, string> {
  if (!token.startsWith(ofRepository)) return {}
  const environment = configured.environment ?? variables.SLUICE_ENVIRONMENT
  if (environment) return { 'x-environment': environment }
  const branch = configured.branch ?? branchOf(variables)
  if (branch) return { 'x-branch': encodeURIComponent(branch) }
  throw misconfigured(
    `The token is of a repository, and nothing says which of its environments is meant. Set SLUICE_ENVIRONMENT to its name, or let one of these hold the branch: ${branchVariables.join(', ')}.`,
  )
}

function misconfigured(message: string): SluiceError {
  return new SluiceError(message, { code: 'misconfigured' })
}

interface Hosts {
  process?: { env?: Variables }
  Deno?: { env: { toObject(): Variables } }
}

function variablesOfHost(): Variables {
  const { process, Deno } = globalThis as Hosts
  if (process?.env) return process.env
  try {
    return Deno?.env.toObject() ?? {}
  } catch {
    return {} // not permitted
  }
}
