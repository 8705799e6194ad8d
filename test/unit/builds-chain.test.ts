import { describe, expect, test } from 'vitest'
import { chain } from '../../src/builds/chain.ts'
import { failed } from '../../src/builds/failure.ts'

function setup() {
  const entered: string[] = []
  const enter = async (name: string) => void entered.push(name)
  return { entered, start: chain({ a: 1 }, enter) }
}

describe('a chain of steps', () => {
  test('each step sees what those before it added', async () => {
    const { entered, start } = setup()
    const { result } = start
      .step('one', async ({ a }) => ({ b: a + 1 }))
      .step('two', async ({ a, b }) => ({ c: a + b }))
    expect(await result).toEqual({ a: 1, b: 2, c: 3 })
    expect(entered).toEqual(['one', 'two'])
  })

  test('after a failure nothing more is run or entered', async () => {
    const { entered, start } = setup()
    const { result } = start
      .step('one', async () => failed('compile_failed', 'It is broken.'))
      .step('two', async () => {
        throw new Error('must not run')
      })
    expect(await result).toEqual({
      failure: { code: 'compile_failed', message: 'It is broken.', annotations: [] },
    })
    expect(entered).toEqual(['one'])
  })

  test('what is thrown is the result of all that follow', async () => {
    const { entered, start } = setup()
    const { result } = start
      .step('one', async (): Promise<object> => {
        throw new Error('no network')
      })
      .step('two', async () => ({}))
    await expect(result).rejects.toThrow('no network')
    expect(entered).toEqual(['one'])
  })
})
