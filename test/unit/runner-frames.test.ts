// What travels between a worker and its children: whole however it is cut, and refused where it is no frame.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDecoder, encodeFrame, type Frame } from '../../src/runner/frames.ts'
import {
  type Answer,
  decodeAnswer,
  decodeRun,
  encodeAnswer,
  encodeRun,
  type Run,
} from '../../src/runner/protocol.ts'

const kinds = fc.integer({ min: 0, max: 255 })
const calls = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const maxBytes = 10_000

function decodeAll(chunks: Buffer[]) {
  const frames: { kind: number; call: number; text: string }[] = []
  const decode = createDecoder(maxBytes, ({ kind, call, body }) =>
    frames.push({ kind, call, text: body.toString() }),
  )
  return { whole: chunks.map(decode).every(Boolean), frames }
}

test('frames arrive as they were sent, wherever the bytes are cut', () => {
  const messages = fc.array(fc.record({ kind: kinds, call: calls, text: fc.string({ unit: 'grapheme' }) }))
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, sizes) => {
      const bytes = Buffer.concat(sent.map(({ kind, call, text }) => encodeFrame(kind, call, text)))
      const chunks: Buffer[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1
        chunks.push(bytes.subarray(at, at + size))
        at += size
      }
      expect(decodeAll(chunks)).toEqual({ whole: true, frames: sent })
    }),
  )
})

test('calls arrive as they were given', () => {
  const runs = fc.record<Run>({
    arguments: fc.string({ unit: 'grapheme' }),
    beginByMs: fc.double({ noNaN: true }),
  })
  fc.assert(
    fc.property(calls, runs, (call, run) => {
      const got: Frame[] = []
      createDecoder(maxBytes, frame => got.push(frame))(encodeRun(call, run))
      expect(got.map(frame => [frame.call, decodeRun(frame)])).toEqual([[call, run]])
    }),
  )
})

test('answers arrive as they were given', () => {
  const answers = fc.record<Answer>({
    kind: fc.constantFrom('returned', 'threw'),
    text: fc.option(fc.string({ unit: 'grapheme' })),
    heard: fc.boolean(),
    unfit: fc.boolean(),
    lines: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    memoryMb: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  })
  fc.assert(
    fc.property(calls, answers, (call, answer) => {
      const got: Frame[] = []
      createDecoder(maxBytes, frame => got.push(frame))(encodeAnswer(call, answer))
      expect(got.map(frame => [frame.call, decodeAnswer(frame)])).toEqual([[call, answer]])
    }),
  )
})

test.each([
  ['one that is shorter than its head', [3, 0, 0, 0, 1, 1, 1]],
  ['one that is longer than is allowed', [0, 0, 0, 1, 1]],
  ['text', [...Buffer.from('{"type":"returned"}')]],
])('%s ends the reading, and nothing after it is read', (_, bytes) => {
  const after = encodeFrame(4, 1, 'forged')
  expect(decodeAll([encodeFrame(2, 0), Buffer.from(bytes), after])).toEqual({
    whole: false,
    frames: [{ kind: 2, call: 0, text: '' }],
  })
})

test('bytes of no known length do nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), chunks => {
      decodeAll(chunks.map(chunk => Buffer.from(chunk)))
    }),
  )
})
