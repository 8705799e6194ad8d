// A long procedure as a list of steps over one value (the pipeline is written with it): each step adds to the value or
// fails, and after a failure the later ones are not run. What is thrown is not caught here.
import type { Failed } from './failure.ts'

export interface Chain<Value extends object, Name extends string> {
  /** `run` resolves to what it adds to the value. */
  step<Added extends object>(
    name: Name,
    run: (value: Value) => Promise<Added | Failed>,
  ): Chain<Value & Added, Name>
  result: Promise<Value | Failed>
}

/** `enter` is called before each step that is run, with its name. */
export function chain<Value extends object, Name extends string>(
  start: Value | Failed | Promise<Value | Failed>,
  enter: (name: Name) => Promise<void>,
): Chain<Value, Name> {
  const result = Promise.resolve(start)
  result.catch(() => {}) // whoever awaits the last step's result hears of it
  return {
    result,
    step(name, run) {
      const after = async () => {
        const value = await result
        if (isFailed(value)) return value
        await enter(name)
        const added = await run(value)
        return isFailed(added) ? added : { ...value, ...added }
      }
      return chain(after(), enter)
    },
  }
}

export function isFailed(value: object): value is Failed {
  return 'failure' in value
}
