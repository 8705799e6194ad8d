import { expect, test } from 'vitest'
import type { Workspace } from '../../src/builds/folders.ts'
import { groupProcesses } from '../../src/builds/processes/build-processes.ts'
import type { Machine } from '../../src/builds/processes/machine.ts'
import { defaultLimits } from '../../src/builds/tools.ts'

test('two tries of one build have groups of their own: the end of one is not the end of the other', () => {
  const names: string[] = []
  const create = (name: string) => void names.push(name)
  const machine = { isolation: { cgroups: { create } } } as unknown as Machine
  for (const root of ['/data/builds/b1-a1B2c3', '/data/builds/b1-d4E5f6'])
    groupProcesses(machine, { root } as Workspace, defaultLimits)
  expect(names).toEqual([`${process.pid}-b1-a1B2c3`, `${process.pid}-b1-d4E5f6`])
})
