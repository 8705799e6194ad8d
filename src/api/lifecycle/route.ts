// What every route of the lifecycle API says of itself besides its own shapes: the role it needs, and how it answers mistakes.
import type { z } from 'zod'
import type { KeyRole } from '../keys/key.ts'
import { ErrorBody } from './shapes.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must be allowed to call it. */
    role?: KeyRole
  }
}

export const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** Answers of a route, by status. */
export function answers<T extends z.ZodType>(good: T) {
  return { 200: good, ...failures }
}
