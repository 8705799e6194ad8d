// What a function's signal gives as its reason: an error of the kind that platforms give, with our word for it as its cause.
import type { Told } from '../protocol.ts'

const reasons: Record<Told, [name: string, message: string]> = {
  timed_out: ['TimeoutError', 'The function has run for its maxDuration and is being ended.'],
  cancelled: ['AbortError', 'The execution was cancelled.'],
  shutting_down: ['AbortError', 'The worker shuts down; what is not done in time runs again elsewhere.'],
  draining: ['AbortError', 'The environment is being drained; what is not done in time runs again later.'],
}

export function reasonOf(told: Told): DOMException {
  const [name, message] = reasons[told]
  return new DOMException(message, { name, cause: told })
}

export function isTold(text: string): text is Told {
  return Object.hasOwn(reasons, text)
}
