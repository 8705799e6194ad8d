// What the commits worked on at this moment hold, each asked of the host once: the environments of a push are admitted and
// built of one commit. A commit never changes, so what was read stays right; what failed is forgotten.
import type { RepositoryRef, Source, TreeEntry } from '../ports.ts'

const kept = 3

export function rememberTrees(source: Source): Source {
  const known = new Map<string, Promise<TreeEntry[] | null>>()
  return {
    ...source,
    tree(repository, sha) {
      const key = `${repository.id} ${sha}`
      const reading = known.get(key) ?? read(source, repository, sha, () => known.delete(key))
      // Last in the order of the map: the first is the one not asked for longest.
      known.delete(key)
      known.set(key, reading)
      for (const oldest of known.keys()) if (known.size > kept) known.delete(oldest)
      return reading
    },
  }
}

function read(source: Source, repository: RepositoryRef, sha: string, forget: () => void) {
  const reading = source.tree(repository, sha)
  reading.catch(forget)
  return reading
}
