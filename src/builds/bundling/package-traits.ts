// What a file's package.json says that changes how the file is understood: its kind of modules, and what may be left out.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const Traits = z.object({ type: z.unknown().optional(), sideEffects: z.unknown().optional() })

/** Read at once: a few small files, most of them known from the file before. */
export function createPackageTraits(): (folder: string) => string {
  const known = new Map<string, string>()
  const traitsOf = (folder: string): string => {
    const found = known.get(folder) ?? read(folder) ?? fromAbove(folder)
    known.set(folder, found)
    return found
  }
  const fromAbove = (folder: string) => {
    const above = path.dirname(folder)
    return path.basename(folder) === 'node_modules' || above === folder ? '' : traitsOf(above)
  }
  return traitsOf
}

/** Null: there is none here. */
function read(folder: string): string | null {
  try {
    const { type, sideEffects } = Traits.parse(
      JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')),
    )
    return JSON.stringify([type, sideEffects])
  } catch {
    return null
  }
}
