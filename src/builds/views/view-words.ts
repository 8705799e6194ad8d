// What reports say of how a build went, the same in each: why it failed and what to do, how long its stages took, which builder
// made it, why it was not built. Pure; the texts are plain, each sink escapes them in its own way.
import { failureCodes } from '../failure-codes.ts'
import { scopeWords } from '../scope/scope.ts'
import type { Stage } from '../states.ts'
import { type BuildView, shortSha } from './view.ts'

const stageWords: Record<Stage, string> = {
  fetching: 'fetch',
  installing: 'install',
  generating: 'generate',
  compiling: 'compile',
  publishing: 'publish',
}

export function stageWord(stage: Stage): string {
  return stageWords[stage]
}

export interface FailureWords {
  code: string
  /** "compile"; null: it was not written down. */
  stage: string | null
  /** "defer/send.ts:3", where the first mistake is in one file. */
  place: string | null
  remedy: string | null
}

/** What goes with the failure's own message. */
export function failureWords({ failure }: BuildView): FailureWords | null {
  if (!failure) return null
  const [first] = failure.annotations
  return {
    code: failure.code,
    stage: failure.stage ? stageWords[failure.stage] : null,
    place: first ? `${first.path}:${Math.max(1, first.startLine)}` : null,
    remedy: failureCodes[failure.code]?.remedy ?? null,
  }
}

/** "fetch 0.2 s · install 4.1 s (cached) · compile 0.3 s · publish 0.1 s"; null: it is not finished, or never began. */
export function stageTimes({ stages, finishedAt, installCached }: BuildView): string | null {
  if (!finishedAt || stages.length === 0) return null
  const times = stages.map(({ stage, at }, index) => {
    const end = stages[index + 1]?.at ?? finishedAt
    const cached = stage === 'installing' && installCached ? ' (cached)' : ''
    return `${stageWords[stage]} ${seconds(end.getTime() - at.getTime())}${cached}`
  })
  return times.join(' · ')
}

/** 0.2 s, 4.1 s, 42 s, 12 min 5 s */
export function seconds(ms: number): string {
  const whole = Math.round(ms / 1_000)
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return whole >= 10 ? `${whole} s` : `${(Math.max(0, ms) / 1_000).toFixed(1)} s`
}

/** Only where it is worth a word: of another than the ordinary builder, or after another one failed. */
export function builderWords({ builder }: BuildView): string | null {
  if (!builder) return null
  const { channel, version, failedOn } = builder
  if (failedOn)
    return `failed on ${failedOn.channel} ${failedOn.version} (${failedOn.code}), built by ${channel} ${version}`
  return channel === 'stable' ? null : `builder ${channel} ${version}`
}

/** Why a commit was not built. */
export function unchangedWords({ sameAs }: BuildView): string | null {
  if (!sameAs) return null
  const since = `since ${shortSha(sameAs.sha)}`
  return sameAs.scope === null
    ? `Nothing that is built changed ${since}`
    : `Nothing in ${scopeWords(sameAs.scope)} changed ${since}`
}
