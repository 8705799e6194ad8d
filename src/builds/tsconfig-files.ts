// Reads one tsconfig.json, and says where what it extends may lie: whoever follows it asks here.
import path from 'node:path'
import { z } from 'zod'
import { withoutComments } from './bundling/plain-javascript.ts'
import { foldersUp, isFile, join, readText } from './project-files.ts'

const flag = z.boolean().optional()
const Options = z.looseObject({
  emitDecoratorMetadata: flag,
  experimentalDecorators: flag,
  useDefineForClassFields: flag,
  target: z.string().optional(),
})
export type Options = z.infer<typeof Options>

const names = z.array(z.string()).catch([])
const Configuration = z.object({
  extends: z.union([z.string().transform(name => [name]), names]).default([]),
  references: z
    .array(z.object({ path: z.string() }))
    .catch([])
    .default([])
    .transform(references => references.map(one => one.path)),
  compilerOptions: Options.catch({}).default({}),
})
export type Configuration = z.output<typeof Configuration>

/** Null: there is no such file. */
export async function readConfiguration(source: string, file: string): Promise<Configuration | null> {
  const text = (await isFile(source, file)) ? await readText(source, file) : null
  return text === null ? null : parseConfiguration(text)
}

/** With comments and commas at the end, as TypeScript takes them. What is no configuration is the bundler's to complain of. */
export function parseConfiguration(text: string): Configuration {
  try {
    const plain = withoutComments(text.replace(/^\ufeff/, '')).replace(/,(\s*[}\]])/g, '$1')
    return Configuration.parse(JSON.parse(plain))
  } catch {
    return Configuration.parse({})
  }
}

/** The files that `from` may mean by what it extends, the first that is there first. */
export function extendedFiles(from: string, name: string): string[] {
  const folder = path.posix.dirname(from)
  const places = name.startsWith('.')
    ? [join(folder, name)]
    : foldersUp(folder).map(above => join(above, `node_modules/${name}`))
  return places.flatMap(place => filesAt(place))
}

/** Of a project that is referred to: by its folder, or its file. */
export function referencedFiles(from: string, name: string): string[] {
  return filesAt(join(path.posix.dirname(from), name))
}

function filesAt(place: string): string[] {
  return place.endsWith('.json') ? [place] : [place, `${place}.json`, `${place}/tsconfig.json`]
}
