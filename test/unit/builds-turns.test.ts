import { expect, test } from 'vitest'
import { createTurns } from '../../src/builds/installing/turns.ts'

/** Works that begin and end when the test says so. */
function setup() {
  const turns = createTurns()
  const began: string[] = []
  const waited: [who: string, by: string][] = []
  function start(by: string, key = 'same') {
    const stop = new AbortController()
    const working = Promise.withResolvers<void>()
    const beginning = Promise.withResolvers<void>()
    const turn = { key, by, signal: stop.signal, waits: (other: string) => waited.push([by, other]) }
    const result = turns.take(turn, async () => {
      began.push(by)
      beginning.resolve()
      await working.promise
      return by
    })
    result.catch(() => {})
    return { ...working, begun: beginning.promise, result, abort: () => stop.abort(new Error('unwanted')) }
  }
  return { start, began, waited }
}

test('one works at a time, in the order they came, and who waits is told for whom', async () => {
  const { start, began, waited } = setup()
  const [one, two, three] = [start('one'), start('two'), start('three')]
  await one.begun
  expect(began).toEqual(['one'])
  expect(waited).toEqual([
    ['two', 'one'],
    ['three', 'two'],
  ])
  one.resolve()
  await two.begun
  expect(began).toEqual(['one', 'two'])
  two.resolve()
  three.resolve()
  expect(await Promise.all([one.result, two.result, three.result])).toEqual(['one', 'two', 'three'])
})

test('other keys do not wait', async () => {
  const { start, waited } = setup()
  const [one, two] = [start('one', 'a'), start('two', 'b')]
  await Promise.all([one.begun, two.begun])
  expect(waited).toEqual([])
})

test('after one that failed the next does the work', async () => {
  const { start } = setup()
  const [one, two] = [start('one'), start('two')]
  one.reject(new Error('no network'))
  await expect(one.result).rejects.toThrow('no network')
  two.resolve()
  expect(await two.result).toBe('two')
})

test('who is ended while it waits ends at once, and those behind it wait for the one at work', async () => {
  const { start, began } = setup()
  const [one, two, three] = [start('one'), start('two'), start('three')]
  await one.begun
  two.abort()
  await expect(two.result).rejects.toThrow('unwanted')
  expect(began).toEqual(['one'])
  one.resolve()
  await three.begun
  expect(began).toEqual(['one', 'three'])
  three.resolve()
  expect(await three.result).toBe('three')
})

test('who comes after one that gave up waiting still waits for the one at work', async () => {
  const { start, began, waited } = setup()
  const [one, two] = [start('one'), start('two')]
  await one.begun
  two.abort()
  await expect(two.result).rejects.toThrow('unwanted')
  const three = start('three')
  expect(waited.at(-1)).toEqual(['three', 'two'])
  one.resolve()
  await three.begun
  expect(began).toEqual(['one', 'three'])
})
