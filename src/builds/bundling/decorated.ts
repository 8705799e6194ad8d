// Which of the bundled files need what the bundler cannot write: the types of decorated classes and members, for whoever
// reads them at run time (NestJS, TypeORM). Only where the file's tsconfig asks for them.
import path from 'node:path'
import { z } from 'zod'
import { foldersUp, join, readText } from '../project-files.ts'
import { decoratorLines, withoutComments } from './plain-javascript.ts'

export interface Decorated {
  file: string
  /** Of its first decorator. */
  line: number
}

/** `files`: relative to the repository, as they were bundled. */
export async function findDecorated(source: string, files: string[]): Promise<Decorated[]> {
  const own = files.filter(file => /\.[cm]?tsx?$/.test(file) && !file.split('/').includes('node_modules'))
  const byFolder = Map.groupBy(own, file => path.posix.dirname(file))
  const found: Decorated[] = []
  for (const [folder, inside] of byFolder) {
    if (!(await asksForMetadata(source, folder))) continue
    for (const file of inside) {
      const [line] = decoratorLines((await readText(source, file)) ?? '')
      if (line !== undefined) found.push({ file, line })
    }
  }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1))
}

/** As the nearest tsconfig.json says, or one it extends; those of packages are not looked at. */
async function asksForMetadata(source: string, folder: string): Promise<boolean> {
  for (const above of foldersUp(folder)) {
    const setting = await read(source, join(above, 'tsconfig.json'), maxExtends)
    if (setting !== 'no file') return setting === true
  }
  return false
}

const maxExtends = 10
const Configuration = z.object({
  extends: z.union([z.string(), z.array(z.string())]).optional(),
  compilerOptions: z.object({ emitDecoratorMetadata: z.boolean().optional() }).optional(),
})

async function read(source: string, file: string, left: number): Promise<boolean | null | 'no file'> {
  const text = left > 0 ? await readText(source, file) : null
  if (text === null) return 'no file'
  const { extends: bases = [], compilerOptions } = parse(text)
  if (compilerOptions?.emitDecoratorMetadata !== undefined) return compilerOptions.emitDecoratorMetadata
  // The last one wins.
  for (const base of [bases].flat().toReversed()) {
    if (!base.startsWith('.')) continue
    const target = join(path.posix.dirname(file), base)
    const setting = await read(source, target.endsWith('.json') ? target : `${target}.json`, left - 1)
    if (typeof setting === 'boolean') return setting
  }
  return null
}

/** With comments and commas at the end, as TypeScript takes them. What is no configuration is the bundler's to complain of. */
function parse(text: string): z.infer<typeof Configuration> {
  try {
    const json: unknown = JSON.parse(withoutComments(text).replace(/,(\s*[}\]])/g, '$1'))
    return Configuration.safeParse(json).data ?? {}
  } catch {
    return {}
  }
}
