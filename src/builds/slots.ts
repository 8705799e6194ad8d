// How many builds a builder works at once, and how many of them may be of one repository: the others are kept for all others,
// so that a repository whose builds hang, or fill the machine, takes half of the builder and no more. Pure.

export interface Slots {
  builds: number
  ofOneRepository: number
}

// A build waits as much as it computes: for registries, for GitHub, for its limits. With four, two repositories go on beside
// one whose builds do not end.
const usual = 4
/** What a build of ordinary size needs, with what it starts. */
const bytesOfBuild = 1e9

export function slotsOf(machine: { processors: number; memoryBytes: number }): Slots {
  const inMemory = Math.floor(machine.memoryBytes / bytesOfBuild)
  const builds = Math.max(2, Math.min(Math.max(usual, machine.processors), inMemory))
  return { builds, ofOneRepository: Math.floor(builds / 2) }
}
