// The project that is pushed: 30 functions, ten shared modules, 50 packages of plain JavaScript as people use them, in the
// versions that are the newest when it runs. The lockfile is npm's.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const functions = 30
const shared = 10

/** What is imported of each package, as people do: a name, or `*` for its default export. */
const packages = Object.entries({
  zod: 'z',
  'date-fns': 'addDays',
  stripe: '*',
  openai: '*',
  pino: '*',
  'lodash-es': 'groupBy',
  nanoid: 'nanoid',
  uuid: 'v4',
  ms: '*',
  dayjs: '*',
  luxon: 'DateTime',
  axios: '*',
  ky: '*',
  got: '*',
  'p-limit': '*',
  'p-queue': '*',
  'p-retry': '*',
  ioredis: 'Redis',
  pg: '*',
  mysql2: 'createPool',
  resend: 'Resend',
  nodemailer: 'createTransport',
  handlebars: '*',
  mustache: '*',
  marked: 'marked',
  ajv: 'Ajv',
  jose: 'SignJWT',
  jsonwebtoken: '*',
  cheerio: 'load',
  'csv-parse': 'parse',
  'csv-stringify': 'stringify',
  yaml: 'parse',
  'fast-xml-parser': 'XMLParser',
  semver: '*',
  slugify: '*',
  validator: '*',
  qs: '*',
  immer: 'produce',
  rxjs: 'firstValueFrom',
  ramda: 'groupBy',
  superjson: '*',
  mitt: '*',
  eventemitter3: '*',
  'lru-cache': 'LRUCache',
  ws: 'WebSocket',
  'cron-parser': 'CronExpressionParser',
  graphql: 'parse',
  'graphql-request': 'GraphQLClient',
  'change-case': 'camelCase',
})

/** Resolves to where its packages are installed, and how many it names. */
export async function writeProject(
  folder: string,
  scratch: string,
): Promise<{ modules: string; packages: number }> {
  await mkdir(scratch, { recursive: true })
  const named = ['@defer/client', ...packages.map(([name]) => name)]
  await write(scratch, 'package.json', json({ name: 'bench', private: true, type: 'module' }))
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...named], { cwd: scratch })
  for (const file of ['package.json', 'package-lock.json'])
    await write(folder, file, await readFile(path.join(scratch, file), 'utf8'))
  await write(folder, '.gitignore', 'node_modules\n')
  for (let index = 0; index < shared; index++)
    await write(folder, `src/lib/shared${index}.ts`, sharedModule(index, 0))
  for (let index = 0; index < functions; index++)
    await write(folder, `src/defer/fn${index}.ts`, functionFile(index, 0))
  return { modules: path.join(scratch, 'node_modules'), packages: named.length }
}

/** One function and one module that three share. */
export async function changeOneFunction(folder: string, round: number): Promise<void> {
  await write(folder, 'src/defer/fn7.ts', functionFile(7, round + 1))
  await write(folder, 'src/lib/shared3.ts', sharedModule(3, round + 1))
}

/** Nothing that a function is made of. */
export function changeNothing(folder: string, round: number): Promise<void> {
  return write(folder, 'README.md', `Round ${round}\n`)
}

function sharedModule(index: number, change: number): string {
  return `${importOf(index, 'one')}
${importOf(index + shared, 'two')}
export const shared${index} = (n: number): string => [n + ${change}, typeof one, typeof two].join()
`
}

function functionFile(index: number, change: number): string {
  const own = [0, 1, 2, 3, 4].map(step => importOf(index * 5 + step * 7, `own${step}`))
  const [first, second] = [index % shared, (index + 1) % shared]
  return `import { defer } from '@defer/client'
${own.join('\n')}
import { shared${first} } from '../lib/shared${first}.ts'
import { shared${second} } from '../lib/shared${second}.ts'
async function fn${index}(n: number) {
  return [shared${first}(n), shared${second}(n + ${change}), ${own.map((_, step) => `typeof own${step}`).join(', ')}]
}
export default defer(fn${index}, { retry: 3 })
`
}

function importOf(index: number, as: string): string {
  const [name, what] = packages[index % packages.length] ?? ['zod', 'z']
  return what === '*' ? `import ${as} from '${name}'` : `import { ${what} as ${as} } from '${name}'`
}

async function write(folder: string, name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
  await writeFile(path.join(folder, name), text)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
