// What it means for a build that one of its commands passed a limit, or failed because of one: a code, and what to do. Pure.
import { type Failed, failed } from '../failure.ts'
import type { Limits } from '../tools.ts'
import type { Ended, Limit } from './run-process.ts'

type Over = Limit | 'disk_full'

/** `what` begins the sentence: "npm ci". Null: no limit had to do with it. */
export function limitFailure(what: string, ended: Ended, output: string, limits: Limits): Failed | null {
  if (ended.kind === 'over') return describe(what, ended.limit, limits)
  if (ended.kind === 'exited' && ended.code === 0) return null
  const [limit] = signs.find(([, sign]) => sign.test(output)) ?? []
  return limit === undefined ? null : describe(what, limit, limits)
}

// What programs say whose own children, or themselves, met a limit.
const signs: [Over, RegExp][] = [
  [
    'memory',
    /heap out of memory|\bENOMEM\b|\bERR_MEMORY_ALLOCATION_FAILED\b|Cannot allocate memory|std::bad_alloc/,
  ],
  ['disk_full', /\bENOSPC\b|No space left on device/],
  ['file_size', /\bEFBIG\b|\bSIGXFSZ\b|File size limit exceeded/],
  ['cpu', /\bSIGXCPU\b|CPU time limit exceeded/],
]

function describe(what: string, over: Over, limits: Limits): Failed {
  const disk = `A build may use ${size(limits.diskBytes)}.`
  switch (over) {
    case 'memory':
      return failed(
        'out_of_memory',
        `${what} ran out of memory. A build may use ${size(limits.memoryBytes)}: do with less at a time, or prepare what needs so much outside of the build.`,
      )
    case 'cpu':
      return failed(
        'cpu_limit',
        `${what} computed for longer than ${duration(limits.cpuSeconds)}, and was ended. Look for a loop that does not end, or prepare the result outside of the build.`,
      )
    case 'file_size':
      return failed('disk_limit', `${what} wrote a file that is too large. ${disk} Write less.`)
    case 'disk':
      return failed(
        'disk_limit',
        `${what} filled the disk and was ended. ${disk} Remove dependencies or generated files.`,
      )
    case 'disk_full':
      return failed(
        'disk_full',
        `${what} found the disk of the builder full. Its operator has to make room; then rebuild.`,
      )
    case 'output':
      return failed(
        'output_limit',
        `${what} wrote more than ${size(limits.outputBytes)} of output, and was ended. Make it say less.`,
      )
  }
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${round(bytes / 1e9)} GB` : `${round(bytes / 1e6)} MB`
}

function duration(seconds: number): string {
  return seconds >= 120 ? `${round(seconds / 60)} minutes` : `${round(seconds)} seconds`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
