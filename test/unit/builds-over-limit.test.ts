import { expect, test } from 'vitest'
import { limitFailure } from '../../src/builds/processes/over-limit.ts'
import type { Ended } from '../../src/builds/processes/run-process.ts'
import { defaultLimits } from '../../src/builds/tools.ts'

const limits = { ...defaultLimits, memoryBytes: 4e9 }
const failed: Ended = { kind: 'exited', code: 1 }

const cases: [string, Ended, string, string | null][] = [
  ['a limit that ended it', { kind: 'over', limit: 'cpu' }, '', 'cpu_limit'],
  ['too much memory', { kind: 'over', limit: 'memory' }, '', 'out_of_memory'],
  ['too much output', { kind: 'over', limit: 'output' }, '', 'output_limit'],
  ['too many bytes', { kind: 'over', limit: 'disk' }, '', 'disk_limit'],
  ['too large a file', { kind: 'over', limit: 'file_size' }, '', 'disk_limit'],
  ['a heap that is full', failed, 'FATAL ERROR: Reached heap limit … heap out of memory', 'out_of_memory'],
  ['an allocation refused', failed, "code: 'ERR_MEMORY_ALLOCATION_FAILED'", 'out_of_memory'],
  ['a full disk', failed, 'npm error code ENOSPC', 'disk_full'],
  ['a child that computed too long', failed, 'npm error signal SIGXCPU', 'cpu_limit'],
  ['a child that wrote too much', failed, 'Error: EFBIG: file too large, write', 'disk_limit'],
  ['any other failure', failed, 'SyntaxError', null],
  ['words in the output of what succeeded', { kind: 'exited', code: 0 }, 'ENOSPC', null],
]

test.for(cases)('%s', ([, ended, output, code]) => {
  expect(limitFailure('npm ci', ended, output, limits)?.failure.code ?? null).toBe(code)
})

test('the message names the command, the limit and what to do', () => {
  const message = (limit: 'disk' | 'cpu') =>
    limitFailure('npm ci', { kind: 'over', limit }, '', limits)?.failure.message
  expect(message('disk')).toBe(
    'npm ci filled the disk and was ended. A build may use 5 GB. Remove dependencies or generated files.',
  )
  expect(message('cpu')).toMatch(/^npm ci computed for longer than 20 minutes/)
})
