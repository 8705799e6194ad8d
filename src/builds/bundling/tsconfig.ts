// What the tsconfig.json of a file says of its classes, where the bundler itself does not write what it asks for: metadata of
// decorated ones. Through `extends`, of files and of packages, and, where only a referenced project says it, from that one.
import path from 'node:path'
import { z } from 'zod'
import { foldersUp, join, readText } from '../project-files.ts'
import { withoutComments } from './plain-javascript.ts'

export interface ClassSettings {
  /** Decorators are those of TypeScript before the standard, and write the types they stand at. */
  decoratorMetadata: boolean
  /** Fields are defined as the standard has it, not assigned in the constructor. */
  defineFields: boolean
}

const Options = z.looseObject({
  emitDecoratorMetadata: z.boolean().optional(),
  experimentalDecorators: z.boolean().optional(),
  useDefineForClassFields: z.boolean().optional(),
  target: z.string().optional(),
})
type Options = z.infer<typeof Options>
const Configuration = z.object({
  extends: z.union([z.string(), z.array(z.string())]).optional(),
  references: z.array(z.object({ path: z.string() })).optional(),
  compilerOptions: Options.optional(),
})
interface Found {
  options: Options
  references: string[]
}

const maxExtends = 10
const ofTests = /spec|test|e2e/

/** `places`: folders laid out as the repository is; the first is the repository, where what it extends may lie elsewhere. */
export function createClassSettings(places: string[]): (folder: string) => Promise<ClassSettings> {
  const known = new Map<string, Promise<ClassSettings>>()
  return folder => {
    const found = known.get(folder) ?? readSettings(places, folder)
    known.set(folder, found)
    return found
  }
}

async function readSettings(places: string[], folder: string): Promise<ClassSettings> {
  for (const above of foldersUp(folder)) {
    const found = await read(places, join(above, 'tsconfig.json'), maxExtends)
    if (found === null) continue
    const own = settingsOf(found.options)
    if (found.options.emitDecoratorMetadata !== undefined) return own
    return (await firstWithMetadata(places, above, found.references)) ?? own
  }
  return settingsOf({})
}

async function firstWithMetadata(
  places: string[],
  folder: string,
  references: string[],
): Promise<ClassSettings | null> {
  for (const reference of references.filter(name => !ofTests.test(name))) {
    const target = join(folder, reference)
    const file = target.endsWith('.json') ? target : join(target, 'tsconfig.json')
    const settings = settingsOf((await read(places, file, maxExtends))?.options ?? {})
    if (settings.decoratorMetadata) return settings
  }
  return null
}

function settingsOf(options: Options): ClassSettings {
  const { emitDecoratorMetadata, experimentalDecorators, useDefineForClassFields, target } = options
  return {
    decoratorMetadata: emitDecoratorMetadata === true && experimentalDecorators === true,
    // Where nothing is said, as the bundler takes it.
    defineFields: useDefineForClassFields ?? (target === undefined || isModern(target)),
  }
}

function isModern(target: string): boolean {
  return /^esnext$/i.test(target) || Number(/^es(\d{4})$/i.exec(target)?.[1] ?? 0) >= 2022
}

async function read(places: string[], file: string, left: number): Promise<Found | null> {
  const text = left > 0 ? await readFirst(places, file) : null
  if (text === null) return null
  const { extends: bases = [], references = [], compilerOptions = {} } = parse(text)
  const options: Options = {}
  for (const base of [bases].flat()) Object.assign(options, await readBase(places, file, base, left - 1))
  return { options: Object.assign(options, compilerOptions), references: references.map(one => one.path) }
}

async function readBase(places: string[], from: string, base: string, left: number): Promise<Options> {
  const folder = path.posix.dirname(from)
  const targets = base.startsWith('.')
    ? [join(folder, base)]
    : foldersUp(folder).map(above => join(above, `node_modules/${base}`))
  for (const target of targets) {
    const names = target.endsWith('.json') ? [target] : [`${target}.json`, `${target}/tsconfig.json`]
    for (const name of names) {
      const found = await read(places, name, left)
      if (found) return found.options
    }
  }
  return {}
}

async function readFirst(places: string[], file: string): Promise<string | null> {
  for (const place of places) {
    const text = await readText(place, file)
    if (text !== null) return text
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
