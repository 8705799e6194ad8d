// What `to` in a rollback means: a build by number or commit, a version by number; left out, the one before. Pure.

export interface Candidate {
  number: number
  sha: string
}

/** Candidates are those that were live once, newest first, the live one left out. */
export function chooseTarget<T extends Candidate>(candidates: readonly T[], to: string | null): T | null {
  if (to === null) return candidates[0] ?? null
  const number = /^(?:v|#|build-?)?(\d{1,9})$/i.exec(to)?.[1]
  if (number !== undefined) {
    const numbered = candidates.find(candidate => candidate.number === Number(number))
    if (numbered) return numbered
  }
  const isCommit = /^[0-9a-f]{7,64}$/i.test(to)
  return (isCommit && candidates.find(candidate => candidate.sha.startsWith(to.toLowerCase()))) || null
}
