// Finds once, at the start, how well this machine can keep commands apart: by doing it, with a program that tries to escape.
// What lets it is not used. Programs of the right name, kernels and containers differ too much to go by anything else.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Bubblewrap, System } from './bubblewrap.ts'
import { findCgroups } from './cgroups.ts'
import { enclose, type Isolation } from './isolation.ts'
import { findLeash } from './leash.ts'
import { endMarked } from './marked.ts'
import { readSystem } from './system.ts'

const program = fileURLToPath(new URL('./try-escape.ts', import.meta.url))
// Of loading Node twice, on a machine that is busy.
const timeoutMs = 60_000
// What lives on after that has escaped: the kernel ends a namespace in milliseconds.
const endingMs = 5_000
const maxAnswer = 1_000_000

/** `use: false`: nothing but processes, because the operator says so. */
export async function probeIsolation(use: boolean, searchPath: string): Promise<Isolation> {
  const system = readSystem()
  const nice = findProgram('nice', searchPath)
  const basics = { system, nice, leash: await findLeash(searchPath), cgroups: findCgroups() }
  if (!use) return { ...basics, bubblewrap: null, lacks: ['SLUICE_ISOLATION is off'] }
  const file = findProgram('bwrap', searchPath)
  if (file === null) return { ...basics, bubblewrap: null, lacks: ['bubblewrap (bwrap) is not installed'] }
  const lacks: string[] = []
  for (const proc of ['own', 'host'] as const)
    for (const nested of [false, true]) {
      const bubblewrap = { file, proc, nested }
      const problem = await tryToEscape(bubblewrap, system)
      if (problem === null) return { ...basics, bubblewrap, lacks }
      lacks.push(`bwrap with ${proc === 'own' ? 'a /proc of its own' : "the machine's /proc"}: ${problem}`)
    }
  return { ...basics, bubblewrap: null, lacks: [...new Set(lacks)] }
}

function findProgram(name: string, searchPath: string): string | null {
  const folders = searchPath.split(path.delimiter).filter(folder => path.isAbsolute(folder))
  return folders.map(folder => path.join(folder, name)).find(file => existsSync(file)) ?? null
}

const Answer = z.object({
  environment: z.string(),
  wrote: z.boolean(),
  wroteRoot: z.boolean(),
  signalled: z.boolean(),
})

/** Null: it did not get out. */
async function tryToEscape(bubblewrap: Bubblewrap, system: System): Promise<string | null> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-probe-'))
  const mark = randomUUID()
  try {
    const [temporary, outside] = [path.join(folder, 'tmp'), path.join(folder, 'outside')]
    await mkdir(temporary)
    await mkdir(outside)
    const isolation = { bubblewrap, system, nice: null, leash: [], cgroups: null, lacks: [] }
    const walls = {
      reads: [path.dirname(process.execPath), import.meta.dirname],
      writes: [],
      hidden: [],
      temporary,
      network: false,
    }
    const args = ['--disable-warning=ExperimentalWarning', program, String(process.pid), outside]
    const limits = {
      memoryBytes: 2 ** 30,
      cpuSeconds: timeoutMs / 1_000,
      fileBytes: 2 ** 20,
      niceness: 0,
      oomScore: 1_000,
    }
    const command = { file: process.execPath, args, cwd: '/tmp' }
    const ran = await run(enclose(isolation, command, walls, limits, []), mark)
    return judge(ran)
  } finally {
    await endMarked(mark)
    await rm(folder, { recursive: true, force: true })
  }
}

interface Ran {
  code: number | null
  output: string
  errors: string
  /** Nothing that it started holds its output any more. */
  ended: boolean
}

function run({ file, args }: { file: string; args: string[] }, mark: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', SLUICE_PROBE: mark },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [output, errors] = ['', '']
    child.stdout.on('data', chunk => (output = (output + chunk).slice(0, maxAnswer)))
    child.stderr.on('data', chunk => (errors = (errors + chunk).slice(0, maxAnswer)))
    child.on('error', reject)
    const finish = (ended: boolean) => {
      clearTimeout(limit)
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ code: child.exitCode, output, errors, ended })
    }
    let limit = setTimeout(() => finish(false), timeoutMs)
    child.on('exit', () => {
      clearTimeout(limit)
      limit = setTimeout(() => finish(false), endingMs)
    })
    child.on('close', () => finish(true))
  })
}

function judge({ code, output, errors, ended }: Ran): string | null {
  if (!ended) return 'what was started in it did not end with it'
  if (code !== 0) return errors.trim().split('\n')[0]?.slice(0, 300) || `it ended with code ${code}`
  const answer = Answer.safeParse(parseJson(output))
  if (!answer.success) return `its answer was not understood: ${output.slice(0, 100)}`
  const { environment, wrote, wroteRoot, signalled } = answer.data
  const own = existsSync('/proc/self/environ') ? readFileSync('/proc/self/environ', 'latin1') : ''
  if (own !== '' && environment === own) return 'it read the environment of Sluice'
  if (wrote || wroteRoot) return 'it wrote outside of its folder'
  return signalled ? 'it could send Sluice signals' : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
