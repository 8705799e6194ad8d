// Step 6: loads the bundles and reads what they export.
import type { Bundle } from '../bundling/outputs.ts'
import {
  type Discovered,
  firstFrame,
  judge,
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
  order: Order & { source: string; project: Project; bundles: Bundle[] },
  tools: Tools,
): Promise<{ functions: Discovered[] } | Failed> {
  const { source, project, bundles } = order
  const loaded = await loadFunctions(bundles, tools)
  const files = await Promise.all(
    loaded.map(async (one, index): Promise<LoadedFile> => {
      const file = bundles[index]?.file ?? ''
      return {
        file,
        style: project.functions.style,
        line: lineOfExport((await readText(source, file)) ?? ''),
        loaded: within(one, tools),
        thrownAt: one.kind === 'threw' ? firstFrame(one.stack, tools.workspace.bundles) : null,
      }
    }),
  )
  const judged = judge(files)
  if ('functions' in judged) tools.say(`Functions: ${judged.functions.map(one => one.name).join(', ')}`)
  return judged
}

/** Where a build took place is nobody's concern: what lies beside the bundles is named as it is there. */
function within(loaded: Loaded, { workspace }: Tools): Loaded {
  if (loaded.kind !== 'threw') return loaded
  return { ...loaded, message: loaded.message.replaceAll(`${workspace.bundles}/`, '') }
}
