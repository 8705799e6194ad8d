// What every verb of this folder resolves to: expected outcomes are values. `code` is stable and for programs, `message` is
// Markdown for a person and says what happened and what to do next. It never holds a line that reads as a command of ours.

export interface Outcome {
  /** noop: it was already so. refused: nothing was changed, and the message says why. */
  kind: 'done' | 'noop' | 'refused'
  code: string
  message: string
}

export const done = (code: string, message: string): Outcome => ({ kind: 'done', code, message })
export const noop = (code: string, message: string): Outcome => ({ kind: 'noop', code, message })
export const refused = (code: string, message: string): Outcome => ({ kind: 'refused', code, message })
