// What the start of a Node within its walls costs: by the clock, and of the processor. The latter is counted to a millisecond by a
// Bash inside the walls, which all that is measured has: from outside nobody sees what was used in them.
import { spawn } from 'node:child_process'
import { Duplex, Readable } from 'node:stream'
import { createDecoder } from '../../src/runner/frames.ts'
import { channelDescriptor, fromChild, maxFrameBytes } from '../../src/runner/protocol.ts'

export interface Cost {
  ms: number
  /** Until its end, which follows at once. */
  processorMs: number
}

interface Start {
  file: string
  args: readonly string[]
  cwd: string
  home: string
}

const timesDescriptor = 5
const script = `TIMEFORMAT='%3U %3S'; { time "$@" 2>/dev/null ${timesDescriptor}>&-; } 2>&${timesDescriptor}`

const counting = ['/bin/bash', '-c', script, 'bash']

/** `isChild`: measured until it is ready, and told to end by then; else until it has ended by itself. */
export async function measureStart({ file, args, cwd, home }: Start, isChild: boolean): Promise<Cost> {
  const fromMs = performance.now()
  const line = [file, ...args]
  const [first = '', ...rest] = line.toSpliced(line.indexOf(process.execPath), 0, ...counting)
  const shell = spawn(first, rest, {
    cwd,
    env: { HOME: home, TMPDIR: home },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  const pipes: readonly unknown[] = shell.stdio
  const [channel, times] = [pipes[channelDescriptor], pipes[timesDescriptor]]
  if (!(channel instanceof Duplex) || !(times instanceof Readable)) throw new Error('it has no descriptors')
  let readyMs: number | null = null
  const decode = createDecoder(maxFrameBytes, ({ kind }) => {
    if (kind !== fromChild.ready) return
    readyMs = performance.now() - fromMs
    channel.destroy()
  })
  channel.on('data', chunk => void decode(chunk))
  let counted = ''
  times.on('data', chunk => (counted += chunk))
  await new Promise((resolve, reject) => shell.once('close', resolve).once('error', reject))
  if (isChild && readyMs === null) throw new Error('the child did not load')
  const [user = Number.NaN, system = Number.NaN] = counted.trim().split(' ').map(Number)
  return { ms: readyMs ?? performance.now() - fromMs, processorMs: (user + system) * 1_000 }
}
