// The repository whose functions are run: one of each kind that a queue treats differently. Each tells the ledger when it
// starts and ends. A deploy is a commit with another marker, which makes another version of every function.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from '../sandbox/demo/server.ts'

/** How many of each may run at once, over all workers. */
export const limits: Record<string, number> = { oneByOne: 1, threeAtOnce: 3 }

const functions: Record<string, { code: string; options?: string }> = {
  quick: { code: '(key) => during(key, 0)' },
  slow: { code: '(key, ms) => during(key, ms)' },
  // It fails as often as it is told to; runs that were killed count, which only makes it succeed sooner.
  flaky: {
    code: '(key, failures) => during(key, 0, failures)',
    options: '{ retry: { maxAttempts: 6, initialInterval: 1, multiplier: 1, randomizationFactor: 0 } }',
  },
  doomed: {
    code: '(key) => during(key, 0, 1000)',
    options: '{ retry: { maxAttempts: 1, initialInterval: 1, randomizationFactor: 0 } }',
  },
  oneByOne: { code: '(key) => during(key, 20)', options: '{ concurrency: 1 }' },
  threeAtOnce: { code: '(key) => during(key, 100)', options: '{ concurrency: 3 }' },
  delayed: { code: '(key) => during(key, 0)' },
  cancelled: { code: '(key) => during(key, 0)' },
  probe: { code: '(key) => during(key, 0)' },
  victim: { code: '(key) => during(key, 0)' },
}
export type FunctionName =
  | 'quick'
  | 'slow'
  | 'flaky'
  | 'doomed'
  | 'oneByOne'
  | 'threeAtOnce'
  | 'delayed'
  | 'cancelled'
  | 'probe'
  | 'victim'

const ledgerModule = (url: string, marker: number) => `
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
const agent = new Agent({ keepAlive: true })
function tell(entry) {
  return new Promise((resolve, reject) => {
    const asked = request('${url}', { method: 'POST', agent }, async response => {
      let text = ''
      for await (const part of response) text += part
      resolve(Number(text))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify({ marker: ${marker}, ...entry }))
  })
}
export const told = functionName => async function during(key, ms, failures = 0) {
  const about = { key: String(key), run: randomUUID(), function: functionName }
  const starts = await tell({ what: 'start', ...about })
  const until = performance.now() + ms
  while (performance.now() < until) {
    await new Promise(done => setTimeout(done, Math.min(200, until - performance.now())))
    await tell({ what: 'beat', ...about })
  }
  const fails = starts <= failures
  await tell({ what: fails ? 'threw' : 'end', ...about })
  if (fails) throw new Error('as it was told')
  return key
}
`

function moduleOf(name: string, code: string, options = '{}'): string {
  return `import { defer } from '@defer/client'
import { told } from '../ledger.js'
const during = told('${name}')
const ${name} = async (...args) => (${code})(...args)
export default defer(${name}, ${options})
`
}

const cron = `import { defer } from '@defer/client'
import { told } from '../ledger.js'
const during = told('everyMinute')
async function everyMinute() { return during('tick ' + Math.floor(Date.now() / 60000), 0) }
export default defer.cron(everyMinute, '* * * * *')
`

export async function filesOf(ledgerUrl: string, marker: number): Promise<Record<string, string>> {
  const example = path.join(checkout, 'examples/shop')
  const [manifest, lockfile] = await Promise.all(
    ['package.json', 'package-lock.json'].map(file => readFile(path.join(example, file), 'utf8')),
  )
  return {
    'package.json': manifest ?? '',
    'package-lock.json': lockfile ?? '',
    '.github/sluice.yml': settings,
    'ledger.js': ledgerModule(ledgerUrl, marker),
    'defer/everyMinute.js': cron,
    ...Object.fromEntries(
      Object.entries(functions).map(([name, { code, options }]) => [
        `defer/${name}.js`,
        moduleOf(name, code, options),
      ]),
    ),
  }
}

// A deletion that is carried out at once, and a step before the build for its crash point.
const settings = `environments:
  production: { branch: main }
build: { prebuild: "true" }
functions: { deletion_grace: 0s }
`
