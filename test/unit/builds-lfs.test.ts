import { expect, test } from 'vitest'
import { isPointer, pointersSaid, refusePointers } from '../../src/builds/lfs.ts'

const pointer = `version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
`

test('a pointer is known by its content', () => {
  expect(isPointer(Buffer.from(pointer))).toBe(true)
  expect(isPointer(Buffer.from(`${pointer}${'x'.repeat(1_100)}`))).toBe(false)
  expect(isPointer(Buffer.from(`// ${pointer}`))).toBe(false)
  expect(isPointer(Buffer.from('version https://git-lfs.github.com/spec/v1\n'))).toBe(false)
  expect(isPointer(Buffer.alloc(0))).toBe(false)
})

test('files that are used are refused by their names, with the two ways out', () => {
  expect(refusePointers(['a.bin', 'b.bin'], ['c.ts', 'a.bin'])).toMatchObject({
    failure: {
      code: 'lfs_pointer',
      message: expect.stringMatching(/^a\.bin is kept with Git LFS.*Include Git LFS objects in archives/),
      annotations: [{ path: 'a.bin' }],
    },
  })
  expect(refusePointers(['a.bin'], ['c.ts'])).toBeNull()
})

test('a line of the log does not grow with their number', () => {
  expect(pointersSaid(['a', 'b'])).toMatch(/: a, b$/)
  expect(pointersSaid(Array.from({ length: 500 }, (_, index) => `file-${index}`))).toMatch(/and 490 more$/)
})
