// What became of something a person asked for. A value, not an exception: refusing is an ordinary answer.

export interface Outcome {
  kind: 'done' | 'noop' | 'refused'
  /** A stable word for programs, audit and tests. */
  code: string
  /** Markdown for a person: what happened and what to do next. */
  message: string
}

export const done = (code: string, message: string): Outcome => ({ kind: 'done', code, message })
export const noop = (code: string, message: string): Outcome => ({ kind: 'noop', code, message })
export const refused = (code: string, message: string): Outcome => ({ kind: 'refused', code, message })
