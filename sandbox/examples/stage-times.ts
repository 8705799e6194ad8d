// How long a build was in each stage. Pure.

export interface Mark {
  stage: string
  at: Date
}

export const stages = ['fetching', 'installing', 'generating', 'compiling', 'publishing'] as const
export type StageName = (typeof stages)[number]

/** Seconds; a stage that was left out has none. */
export function stageSeconds(marks: Mark[], finishedAt: Date | null): Partial<Record<StageName, number>> {
  const seconds: Partial<Record<StageName, number>> = {}
  for (const [index, { stage, at }] of marks.entries()) {
    const end = marks[index + 1]?.at ?? finishedAt
    const name = stages.find(one => one === stage)
    if (name && end) seconds[name] = (seconds[name] ?? 0) + (end.getTime() - at.getTime()) / 1_000
  }
  return seconds
}
