// What is pushed: small projects of people who mean well, and a repository whose environments each do something nasty.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Checkout } from '../../sandbox/testing/checkout.ts'

const run = promisify(execFile)

const functions = 5
const dependencies = ['@defer/client', 'zod', 'date-fns', 'nanoid']

/** Told apart by their command line from all else that runs on the machine. */
export const daemonName = 'sluice-bench-daemon'
const daemons = 16

/** A package.json and its lockfile, the same for all good projects. */
export async function lockDependencies(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'package.json'), json({ name: 'good', private: true, type: 'module' }))
  const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund']
  await run('npm', [...args, ...dependencies], { cwd: folder })
  const files = ['package.json', 'package-lock.json']
  const texts = files.map(async file => [file, await readFile(path.join(folder, file), 'utf8')])
  return Object.fromEntries(await Promise.all(texts))
}

/** Every change is one of a function. */
export function writeGood(checkout: Checkout, packageFiles: Record<string, string>, change: number): void {
  const files = Array.from({ length: functions }, (_, index) => [
    `src/defer/fn${index}.ts`,
    goodFunction(index, index === 0 ? change : 0),
  ])
  checkout.write({ ...packageFiles, ...Object.fromEntries(files) })
}

function goodFunction(index: number, change: number): string {
  return `import { defer } from '@defer/client'
import { addDays } from 'date-fns'
import { nanoid } from 'nanoid'
import { z } from 'zod'
async function fn${index}(days: number) {
  return [nanoid(), addDays(new Date(), z.number().parse(days) + ${change})]
}
export default defer(fn${index})
`
}

// All of them begin with daemons that compute, so that it matters little which two or three are at work when it is measured.
const forking = `import { writeFileSync, writeSync } from 'node:fs'
import { spawn } from 'node:child_process'
const code = 'process.on("SIGTERM", () => {}); for (;;) {}'
for (let i = 0; i < ${daemons}; i++)
  spawn(process.execPath, ['-e', code, '${daemonName}'], { detached: true, stdio: 'ignore' }).unref()
`
const endless = 'for (;;) {}\n'
const prebuilds = {
  loops: endless,
  fills: `for (let i = 0; ; i++) writeFileSync('fill-' + i, Buffer.alloc(1e6, 1))\n`,
  shouts: `const line = 'x'.repeat(99) + '\\n'
for (let i = 0; i < 1e4; i++) writeSync(1, line.repeat(1000))
`,
}
// Two of each, so that the next attack begins when one was ended. What hangs does so when its module is loaded.
const attacks = [...Object.entries(prebuilds), ['hangs', ''] as const].flatMap(([name, code]) =>
  ['one', 'two'].map(which => ({ root: `${name}-${which}`, prebuild: code && forking + code })),
)

/** One environment for each attack. */
export function writeHostile(checkout: Checkout, round: number): void {
  const files = attacks.flatMap(({ root, prebuild }) => [
    [`${root}/package.json`, json({ name: root, private: true, type: 'module' })],
    [`${root}/attack.js`, `// ${round}\n${prebuild}`],
    [`${root}/defer/x.js`, `// ${round}\n${forking}${endless}`],
  ])
  checkout.write({ ...Object.fromEntries(files), '.github/sluice.yml': settings('node attack.js') })
}

/** Ends all of it: the builds under way are superseded, and these find no function. */
export function writeHarmless(checkout: Checkout, round: number): void {
  const files = attacks.flatMap(({ root }) => [
    [`${root}/attack.js`, ''],
    [`${root}/defer/x.js`, `// nothing, ${round}\n`],
  ])
  checkout.write({ ...Object.fromEntries(files), '.github/sluice.yml': settings('true') })
}

function settings(prebuild: string): string {
  const entries = attacks.map(({ root }) => `  ${root}: { branch: main, root: ${root} }`)
  return `environments:\n${entries.join('\n')}\nbuild: { prebuild: ${prebuild} }\n`
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
