// Whose pull requests are built only after somebody who may write has approved the commit. Pure. A fork's code is a stranger's;
// Dependabot brings a stranger's too, and its branches stand in the repository itself.
import type { Pull } from '../ports.ts'

export function isRestricted({ author, head }: Pick<Pull, 'author' | 'head'>): boolean {
  return head.fromFork || author === 'dependabot[bot]'
}
