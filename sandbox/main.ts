// `sluice sandbox`: the local GitHub and Slack alone, until Ctrl-C. Prints where they are, who one may be, and the
// settings that point a Sluice at them.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { printSandbox } from './print.ts'
import { collaborators, organization } from './sample.ts'
import { type Sandbox, startSandbox } from './start.ts'

const flags = {
  dir: { type: 'string', default: '.sluice/sandbox' },
  host: { type: 'string', default: '127.0.0.1' },
  'github-port': { type: 'string', default: '0' },
  'slack-port': { type: 'string', default: '0' },
  'sluice-url': { type: 'string', default: 'http://127.0.0.1:3000' },
} as const

const sample = `${organization}/hello`

export async function runSandbox(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: flags })
  const dir = resolve(values.dir)
  const sandbox = await startSandbox({
    dir,
    host: values.host,
    githubPort: Number(values['github-port']),
    slackPort: Number(values['slack-port']),
    sluiceUrl: values['sluice-url'],
  })
  await furnish(sandbox)
  const file = join(dir, 'settings.env')
  writeFileSync(file, environmentFile(sandbox.settings), { mode: 0o600 })
  process.stdout.write(`${printSandbox(sandbox, [sample])}\n\nSettings for Sluice  ${file}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await sandbox.close()
  return 0
}

/** The first start makes one repository with the App installed; later ones find it. */
async function furnish({ github }: Sandbox): Promise<void> {
  if (!github.repository(sample))
    await github.createRepository({ owner: organization, name: 'hello', collaborators })
  if (github.installationId(organization) === null) github.install(organization)
}

/** For `node --env-file`: a key with line breaks stands in quotes. */
export function environmentFile(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('')
}
