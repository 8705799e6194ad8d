// Whether a connection waits for an answer, by the messages on it (src/db/owed-answers.ts).
import { expect, test } from 'vitest'
import { createOwedAnswers } from '../../src/db/owed-answers.ts'

function message(type: string, body = ''): Buffer {
  const bytes = Buffer.alloc(5 + body.length)
  bytes.write(type)
  bytes.writeUInt32BE(4 + body.length, 1)
  bytes.write(body, 5)
  return bytes
}

const together = (...all: [type: string, body?: string][]) => Buffer.concat(all.map(one => message(...one)))
const ready = message('Z', 'I')

function started() {
  const owed = createOwedAnswers()
  owed.answered(together(['R', 'ok..'], ['S', 'name'], ['K', '........'], ['Z', 'I']))
  return owed
}

test('while it is being opened it owes, and then it does not', () => {
  const owed = createOwedAnswers()
  expect(owed.any()).toBe(true)
  owed.answered(message('R', 'ok..'))
  expect(owed.any()).toBe(true)
  owed.answered(ready)
  expect(owed.any()).toBe(false)
})

test('a statement is answered when it is ready for the next, not by its first rows', () => {
  const owed = started()
  owed.asked(together(['P', 'select'], ['B'], ['E'], ['S']))
  owed.answered(together(['1'], ['2'], ['D', 'ZZZZZZ']))
  expect(owed.any()).toBe(true)
  owed.answered(together(['C', 'SELECT 1'], ['Z', 'I']))
  expect(owed.any()).toBe(false)
})

test('of two statements on their way at once each is owed its own', () => {
  const owed = started()
  owed.asked(together(['Q', 'select 1'], ['Q', 'select 2']))
  owed.answered(ready)
  expect(owed.any()).toBe(true)
  owed.answered(ready)
  expect(owed.any()).toBe(false)
})

test('what is only described is answered by its description', () => {
  const owed = started()
  owed.asked(together(['P', 'select'], ['D'], ['H']))
  expect(owed.any()).toBe(true)
  owed.answered(together(['1'], ['t'], ['T']))
  expect(owed.any()).toBe(false)
})

test('notifications and notices answer nothing, and are owed nothing', () => {
  const owed = started()
  owed.answered(together(['A', 'channel'], ['N', 'notice']))
  expect(owed.any()).toBe(false)
  owed.asked(message('Q', 'select 1'))
  owed.answered(together(['A', 'channel'], ['N', 'notice']))
  expect(owed.any()).toBe(true)
  owed.answered(together(['Z', 'I'], ['A', 'channel']))
  expect(owed.any()).toBe(false)
})

test('wherever the stream is cut', () => {
  const answer = together(['T', 'columns'], ['D', 'Z'.repeat(300)], ['C', 'SELECT 1'], ['Z', 'I'])
  for (let size = 1; size <= 20; size++) {
    const owed = started()
    owed.asked(message('Q', 'select 1'))
    for (let at = 0; at < answer.length; at += size) {
      expect(owed.any()).toBe(at < answer.length - 1)
      owed.answered(answer.subarray(at, at + size))
    }
    expect(owed.any()).toBe(false)
  }
})
