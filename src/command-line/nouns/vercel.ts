// sluice vercel: a web application there calls the functions here, production those of production, each preview those of its
// branch; and the functions are given the variables that the application has. The token of Vercel comes from VERCEL_TOKEN.
import { NewRepositoryToken } from '../../api/repository-tokens/shapes.ts'
import { NewToken } from '../../api/tokens/shapes.ts'
import { Imported } from '../../api/variables/shapes.ts'
import { AppError } from '../../errors.ts'
import { find, type Slot, sharesTargets, toCopy } from '../../vercel/link-plan.ts'
import { openProject, type Target, targets, type VercelProject } from '../../vercel/vercel-api.ts'
import { importReport } from '../import-report.ts'
import type { Asked, Noun, Option, Verb } from '../verb.ts'

const where = {
  project: { type: 'string', value: 'NAME', help: 'the project on Vercel, by its name or id' },
  team: { type: 'string', value: 'TEAM', help: 'of which it is, by its name in the address or its id' },
} as const satisfies Record<string, Option>

function projectOf({ text, setting }: Asked): VercelProject {
  const [project, token] = [text('project'), setting('VERCEL_TOKEN')]
  if (!project) throw new AppError('malformed', 'Say which project of Vercel: --project NAME.')
  if (!token)
    throw new AppError('malformed', 'VERCEL_TOKEN is not set. Make one at vercel.com/account/tokens.')
  const url = setting('VERCEL_API_URL') ?? 'https://api.vercel.com'
  return openProject({ url, token, project, team: text('team') ?? null })
}

interface Step extends Slot {
  /** What its token is for, as people say it. */
  about: string
  makeToken(): Promise<string>
}

const link: Verb = {
  summary: 'Gives a project on Vercel the address and tokens by which it calls functions.',
  options: {
    ...where,
    production: { type: 'string', value: 'NAME', help: 'the environment that production calls' },
    preview: { type: 'boolean', help: 'previews call the environment of their branch, never production' },
    branch: { type: 'string', value: 'BRANCH=NAME', help: 'previews of this branch call that environment' },
    renew: { type: 'boolean', help: 'make new tokens where there are some' },
  },
  examples: [
    'VERCEL_TOKEN=… sluice vercel link --project shop --production production --preview',
    'sluice vercel link --project shop --team acme --branch develop=staging',
  ],
  async run(asked) {
    const project = projectOf(asked)
    const steps = stepsOf(asked)
    if (steps.length === 0)
      throw new AppError(
        'malformed',
        'Say what is to be linked: --production NAME, --preview or --branch BRANCH=NAME.',
      )
    const done: { variable: string; for: string; outcome: string }[] = []
    for (const step of steps) {
      const of = { target: step.target, gitBranch: step.gitBranch }
      const url = await put(project, 'SLUICE_URL', of, async () => asked.server.url, true)
      const token = await put(project, 'SLUICE_TOKEN', of, step.makeToken, asked.flag('renew'))
      done.push({ variable: 'SLUICE_URL', for: step.about, outcome: url })
      done.push({ variable: 'SLUICE_TOKEN', for: step.about, outcome: token })
    }
    const lines = done.map(one => `${one.variable} of ${one.for}: ${one.outcome}\n`).join('')
    return { data: { variables: done }, text: () => `${lines}${advice(steps)}` }
  },
}

function stepsOf({ text, flag, server }: Asked): Step[] {
  const ofEnvironment = (environment: string) => async () =>
    (await server.send('POST', '/tokens', undefined, NewToken, { environment })).token
  const steps: Step[] = []
  const production = text('production')
  if (production)
    steps.push({
      target: 'production',
      gitBranch: null,
      about: 'production',
      makeToken: ofEnvironment(production),
    })
  if (flag('preview'))
    steps.push({
      ...{ target: 'preview', gitBranch: null, about: 'previews' },
      makeToken: async () =>
        (await server.send('POST', '/repository-tokens', { production: false }, NewRepositoryToken)).token,
    })
  const [, branch, environment] = /^(.+)=([^=]+)$/.exec(text('branch') ?? '=') ?? []
  if (text('branch') !== undefined && !(branch && environment))
    throw new AppError(
      'malformed',
      `--branch ${text('branch')}: write the branch and the environment: develop=staging.`,
    )
  if (branch && environment)
    steps.push({
      ...{ target: 'preview', gitBranch: branch, about: `previews of ${branch}` },
      makeToken: ofEnvironment(environment),
    })
  return steps
}

async function put(
  project: VercelProject,
  key: string,
  slot: Slot,
  makeValue: () => Promise<string>,
  anew: boolean,
): Promise<string> {
  const there = find(await project.variables(), { key, ...slot })
  if (!there) {
    const of = {
      key,
      target: [slot.target],
      ...(slot.gitBranch === null ? {} : { gitBranch: slot.gitBranch }),
    }
    await project.add({ ...of, value: await makeValue() })
    return 'set'
  }
  if (!anew) return 'there already'
  if (sharesTargets(there))
    throw new AppError(
      'conflict',
      `${key} on Vercel is one for ${(there.target ?? []).join(' and ')}. Remove it there and link again.`,
    )
  const value = await makeValue()
  if (there.value === value) return 'there already'
  await project.change(there.id, value)
  return 'changed'
}

function advice(steps: Step[]): string {
  const needsBranch = steps.some(one => one.target === 'preview' && one.gitBranch === null)
  return needsBranch
    ? 'Previews tell their branch by VERCEL_GIT_COMMIT_REF: let the project expose system variables (Settings, Environment Variables). What was deployed before has to be deployed again.\n'
    : 'What was deployed before has to be deployed again.\n'
}

const pull: Verb = {
  summary: 'Sets variables of an environment to what they are on Vercel.',
  options: {
    ...where,
    target: { type: 'string', words: targets, help: 'whose values; production where left out' },
    branch: { type: 'string', value: 'BRANCH', help: 'of previews: with those of this branch' },
    only: { type: 'string', value: 'NAME,NAME', help: 'these; all where left out' },
    'dry-run': { type: 'boolean', help: 'say what would happen, and change nothing' },
  },
  examples: [
    'VERCEL_TOKEN=… sluice vercel pull --project shop --only DATABASE_URL,STRIPE_KEY -e production',
    'sluice vercel pull --project shop --target preview --branch develop -e staging --dry-run',
  ],
  async run(asked) {
    const { text, flag, server } = asked
    const target = (text('target') ?? 'production') as Target // parse.ts has looked at the words
    const only =
      text('only')
        ?.split(',')
        .map(name => name.trim()) ?? null
    const slot = { target, gitBranch: text('branch') ?? null }
    const { copied, left } = toCopy(await projectOf(asked).variables(), slot, only)
    const body = { variables: copied, scope: 'both', dry_run: flag('dry-run') }
    const done =
      copied.length === 0
        ? { dry_run: flag('dry-run'), results: [] }
        : await server.send('POST', '/variables/import', body, Imported)
    const results = [...done.results, ...left.map(one => ({ ...one, outcome: 'refused' as const }))]
    const { text: report, exitCode } = importReport({ ...done, results })
    return { data: { ...done, results }, text: () => report, exitCode }
  },
}

export const vercel: Noun = {
  summary: 'A web application on Vercel that calls functions here.',
  about: 'VERCEL_TOKEN holds a token of Vercel. docs/vercel.md has the whole story.',
  verbs: { link, pull },
}
