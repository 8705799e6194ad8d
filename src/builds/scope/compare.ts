// Which environments a commit changes nothing in: for each, the build that stands and was made of the same.
import type { Tx } from '../../db/client.ts'
import type { Environment } from '../../environments/store.ts'
import { standingBuild } from '../admission/admission.ts'
import { builderVersion } from '../builder-version.ts'
import { builderVersions } from '../builders-store.ts'
import { stable } from '../channel.ts'
import type { TreeEntry } from '../ports.ts'
import { basisOf } from './basis.ts'
import { buildVariables, newestSucceeded, type Predecessor } from './content-store.ts'
import { contentDigest } from './scope.ts'

export type Compared = Pick<Predecessor, 'id' | 'number'>

/** `environments`: as they are now. `pinned`: ids of those that a rollback holds. */
export async function standingBuilds(
  tx: Tx,
  environments: readonly Environment[],
  pinned: ReadonlySet<string>,
  tree: readonly TreeEntry[],
): Promise<Map<string, Compared>> {
  const ids = environments.map(environment => environment.id)
  const newest = new Map((await newestSucceeded(tx, ids)).map(build => [build.environmentId, build]))
  const variablesOf = await buildVariables(tx, environments)
  const versions = await builderVersions(tx)
  const standing = environments.flatMap((environment): [string, Compared][] => {
    const { id, root, watch, build, activeBuildId } = environment
    const before = newest.get(id)
    // Where no builder was started yet, as in this program itself.
    const builder = versions.get(build?.builder ?? '') ?? (build?.builder === stable ? builderVersion : null)
    if (!before?.scope || build === null || builder === null) return []
    const digest = contentDigest(
      before.scope,
      tree,
      basisOf({ root, watch, build, variables: variablesOf(id), builder }),
    )
    const isSame = standingBuild(before, { digest, activeBuildId, pinned: pinned.has(id) }) !== null
    return isSame ? [[id, before]] : []
  })
  return new Map(standing)
}
