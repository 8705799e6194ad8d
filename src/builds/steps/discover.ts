// Step 6: loads the bundles and reads what they export. One whose code an earlier build of the environment has loaded exports
// what it did then.
import type { Manifest } from '../../functions/manifest.ts'
import { type IdentifiedBundle, isOfBundler } from '../bundling/outputs.ts'
import {
  type Discovered,
  firstFrame,
  judge,
  type Known,
  type Loaded,
  type LoadedFile,
  lineOfExport,
} from '../discovery/discovered.ts'
import { loadFunctions } from '../discovery/load-functions.ts'
import type { Failed } from '../failure.ts'
import { readText } from '../project-files.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'

export async function discoverFunctions(
  order: Order & { source: string; project: Project; bundles: IdentifiedBundle[] },
  tools: Tools,
): Promise<{ functions: Discovered[] } | Failed> {
  const { source, project, bundles } = order
  const known = knownOf(bundles, tools.earlier)
  const others = bundles.filter(({ file }) => !known.has(file))
  const loaded = new Map<string, Loaded>()
  for (const [index, one] of (await loadFunctions(others, tools)).entries())
    loaded.set(others[index]?.file ?? '', one)
  if (known.size > 0) tools.say(`Loaded ${others.length} functions: the code of ${known.size} is as it was`)
  const files = await Promise.all(
    bundles.map(async ({ file }): Promise<LoadedFile> => {
      const one = known.get(file) ?? loaded.get(file)
      if (!one) throw new Error(`${file} was not loaded`)
      return {
        file,
        style: project.functions.style,
        line: lineOfExport((await readText(source, file)) ?? ''),
        loaded: within(one, tools),
        thrownAt: one.kind === 'threw' ? firstFrame(one.stack, tools.workspace.bundles) : null,
      }
    }),
  )
  const judged = named(judge(files), order.upload?.functionName)
  if ('functions' in judged) tools.say(`Functions: ${judged.functions.map(one => one.name).join(', ')}`)
  return judged
}

/** What was uploaded is called what it was initialised as. */
function named(judged: { functions: Discovered[] } | Failed, name: string | undefined) {
  if ('failure' in judged || name === undefined) return judged
  return { functions: judged.functions.map(one => ({ ...one, name })) }
}

/** By file. What packages bring beside the bundle is not in its code's digest yet: such a function is loaded. */
function knownOf(bundles: IdentifiedBundle[], earlier: Manifest): Map<string, Known> {
  const found = new Map(earlier.map(one => [`${one.file} ${one.codeDigest}`, one]))
  return new Map(
    bundles.flatMap(({ file, codeDigest, files }) => {
      const before = found.get(`${file} ${codeDigest}`)
      if (!before || !files.every(one => isOfBundler(one.path))) return []
      const { name, options } = before
      return [[file, { kind: 'known', found: { name, options } }] as const]
    }),
  )
}

/** Where a build took place is nobody's concern: what lies beside the bundles is named as it is there. */
function within(loaded: Loaded | Known, { workspace }: Tools): Loaded | Known {
  if (loaded.kind !== 'threw') return loaded
  return { ...loaded, message: loaded.message.replaceAll(`${workspace.bundles}/`, '') }
}
