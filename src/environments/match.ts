// Whether a branch fits a pattern of the repository file. Only `*`, which stands for any characters, none included, slashes
// too. Our own two-pointer walk, because patterns come from a pushed file and glob libraries take minutes on hostile ones
// (RELIABILITY.md finding 4): at most length of pattern times length of branch steps.

export function matches(pattern: string, branch: string): boolean {
  let at = 0
  let inPattern = 0
  let star = -1
  let resumeAt = 0
  while (at < branch.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++
      resumeAt = at
    } else if (pattern[inPattern] === branch[at]) {
      inPattern++
      at++
    } else if (star >= 0) {
      inPattern = star + 1
      at = ++resumeAt
    } else return false
  }
  while (pattern[inPattern] === '*') inPattern++
  return inPattern === pattern.length
}
