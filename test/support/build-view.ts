// For tests of what reports say: views of a build in each of its states.
import type { Failure } from '../../src/builds/failure.ts'
import type { BuildView } from '../../src/builds/views/view.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'
import type { Changes } from '../../src/functions/diff.ts'
import type { PullView } from '../../src/github/reports/comments/render-comment.ts'

export const failure: Failure = {
  code: 'compile_failed',
  message: 'defer/greet.ts:3: unexpected "}"',
  annotations: [],
}

export function changes(some: Partial<Changes>): Changes {
  return { added: [], changed: [], unchanged: [], archived: [], restored: [], ...some }
}

type Some = Partial<Omit<BuildView, 'environment'>> & { environment?: Partial<BuildView['environment']> }

export function aView({ environment, ...some }: Some = {}): BuildView {
  const ended = ['succeeded', 'failed', 'cancelled', 'superseded', 'unchanged'].includes(
    some.state ?? 'queued',
  )
  return {
    ...{
      id: 'build',
      number: 4,
      sha: 'a'.repeat(40),
      ref: 'refs/heads/main',
      message: 'work',
      author: 'alice',
    },
    ...{ state: 'queued', failure: null, functions: null, release: null, live: false, liveBuild: null },
    ...{ stages: [], installCached: null, builder: null, sameAs: null },
    ...{ newerSha: null, overlays: [], hasEarlier: false, refused: null, held: [], previous: null, log: [] },
    startedAt: ended ? new Date('2026-01-01T00:00:00Z') : null,
    finishedAt: ended ? new Date('2026-01-01T00:01:15Z') : null,
    repository: {
      ...{ id: 7, installationId: 3, owner: 'acme', name: 'shop', reachable: true },
      file: defaultRepositoryFile,
    },
    ...some,
    environment: {
      ...{ id: 'environment', name: 'production', branch: 'main', preview: false, production: true },
      ...{ pullNumber: null, closed: false, closedBecause: null, evictAt: null },
      ...environment,
    },
  }
}

export function live(changed = changes({ added: ['greet'], archived: ['old'] })) {
  return {
    ...{ state: 'succeeded' as const, live: true, liveBuild: { number: 4, sha: 'a'.repeat(40) } },
    release: { kind: 'deploy' as const, actor: 'push', changes: changed },
  }
}

const earlier = { number: 1, sha: '1'.repeat(40) }
const later = { number: 9, sha: '2'.repeat(40) }

export const states = {
  queued: aView(),
  installing: aView({ state: 'installing' }),
  live: aView(live()),
  pinned: aView({ state: 'succeeded', liveBuild: earlier }),
  older: aView({ state: 'succeeded', liveBuild: later }),
  replaced: aView({ ...live(), live: false, liveBuild: later }),
  closedAfterLive: aView({ ...live(), environment: { closed: true } }),
  closedBeforeLive: aView({ state: 'succeeded', environment: { closed: true } }),
  failed: aView({ state: 'failed', failure }),
  cancelled: aView({ state: 'cancelled' }),
  unchanged: aView({
    state: 'unchanged',
    sameAs: {
      ...earlier,
      scope: ['*', 'apps/jobs/**', 'packages/mail/**'],
      changes: changes({ added: ['greet'] }),
    },
    live: false,
    liveBuild: earlier,
  }),
  superseded: aView({ state: 'superseded', newerSha: later.sha }),
}

/** Pull request 5 with these environments. */
export function aPull(views: readonly BuildView[], more: Partial<PullView> = {}): PullView {
  const environments = views.map(view => ({ view, checkUrl: null }))
  return { repositoryId: 7, number: 5, environments, durations: null, ...more }
}
