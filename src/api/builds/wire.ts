// Builds as the API writes them. Pure.
import type { z } from 'zod'
import type { Failure } from '../../builds/failure.ts'
import type { findShownBuild, ShownBuild } from './builds-store.ts'
import type { BuildBody, BuildDetails } from './shapes.ts'

export function buildBody(one: ShownBuild): z.input<typeof BuildBody> {
  return {
    ...{ id: one.id, number: one.number, sha: one.sha, ref: one.ref },
    ...{ message: one.message, author: one.author, status: one.state, live: one.live },
    created_at: one.createdAt.toISOString(),
    started_at: one.startedAt?.toISOString() ?? null,
    finished_at: one.finishedAt?.toISOString() ?? null,
  }
}

type Found = NonNullable<Awaited<ReturnType<typeof findShownBuild>>>

export function buildDetails(one: Found): z.input<typeof BuildDetails> {
  // The pipeline made sure of its shape before it stored it.
  const failure = one.failure as Failure | null
  return {
    ...buildBody(one),
    functions: one.manifest?.map(({ name }) => name) ?? null,
    stages: one.stages.map(({ stage, at }) => ({ stage, at: new Date(at).toISOString() })),
    failure: failure && {
      code: failure.code,
      message: failure.message,
      annotations: failure.annotations.map(({ path, startLine, endLine, message }) => ({
        ...{ path, message },
        start_line: startLine,
        end_line: endLine,
      })),
    },
  }
}
